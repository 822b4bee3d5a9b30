package stack

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"
)

// FileName is the stack file's usual name.
const FileName = "apex.yaml"

// maxFile bounds a stack file; a longer one is some other file.
const maxFile = 1 << 20

// A File is a stack file that was found to be right in every environment.
type File struct {
	Path         string
	environments []string
	stacks       map[string]Stack
}

// Load reads and checks a stack file. What is wrong in it comes as Problems.
func Load(path string) (*File, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("read stack file: %w", err)
	}
	file, err := Parse(path, text)
	if err != nil {
		return nil, err
	}
	return file, file.checkBuilds()
}

// Parse reads and checks the text of a stack file; path stands in messages.
func Parse(path string, text []byte) (*File, error) {
	src := source{name: filepath.Base(path), lines: strings.Split(string(text), "\n")}
	if len(text) > maxFile {
		return nil, Problems{{File: src.name, Message: fmt.Sprintf("%d bytes are too many for a stack file", len(text))}}
	}
	root, problem := parse(src, text)
	if problem != nil {
		return nil, Problems{*problem}
	}
	return load(path, src, root)
}

func load(path string, src source, root ast.Node) (*File, error) {
	base, overrides := split(root)
	file := &File{Path: path, stacks: map[string]Stack{}}
	var problems Problems
	for _, env := range environmentNames(overrides) {
		d := newDecoder(src)
		s := d.environment(env, base, overrides)
		if len(d.problems) == 0 {
			s.setDefaults()
			d.validate(&s)
		}
		problems = append(problems, d.problems...)
		file.environments = append(file.environments, env)
		file.stacks[env] = s
	}
	if len(problems) > 0 {
		return nil, problems.sorted()
	}
	return file, nil
}

// environment decodes the base and, over it, what one environment overrides.
func (d *decoder) environment(env string, base ast.Node, overrides *ast.MappingNode) Stack {
	s := Stack{Environment: env}
	v := reflect.ValueOf(&s).Elem()
	d.decode(base, v, "", 0)
	if overrides == nil {
		return s
	}
	for _, pair := range overrides.Values {
		if pair.Key.GetToken().Value != env {
			continue
		}
		d.prefix = "environments." + env + "."
		name := s.Name
		d.decode(pair.Value, v, "", 0)
		if s.Name != name {
			d.fail(pair.Key, "environments.%s: name: an environment cannot rename the stack", env)
		}
		if !nameForm.MatchString(env) {
			d.fail(pair.Key, "environments: `%s` is no name: a letter, then letters, digits and single dashes", env)
		}
	}
	return s
}

// split takes the environments out of the file's root.
func split(root ast.Node) (ast.Node, *ast.MappingNode) {
	m, ok := root.(*ast.MappingNode)
	if !ok {
		return root, nil
	}
	base := *m
	base.Values = nil
	var overrides *ast.MappingNode
	for _, pair := range m.Values {
		if pair.Key.GetToken().Value == "environments" {
			if envs, ok := pair.Value.(*ast.MappingNode); ok {
				overrides = envs
				continue
			}
		}
		base.Values = append(base.Values, pair)
	}
	return &base, overrides
}

// environmentNames are the file's environments; one that names none has dev.
func environmentNames(overrides *ast.MappingNode) []string {
	if overrides == nil || len(overrides.Values) == 0 {
		return []string{"dev"}
	}
	var names []string
	for _, pair := range overrides.Values {
		names = append(names, pair.Key.GetToken().Value)
	}
	return names
}

// Environments are the file's environments, in its order.
func (f *File) Environments() []string { return f.environments }

// Stack returns one environment; an empty name means the file's first.
func (f *File) Stack(env string) (Stack, error) {
	if env == "" {
		env = f.environments[0]
	}
	s, ok := f.stacks[env]
	if !ok {
		return Stack{}, Problems{{
			File: filepath.Base(f.Path), Message: fmt.Sprintf("no environment `%s`", env),
			Hint: suggest(env, f.environments),
		}}
	}
	return s, nil
}

// checkBuilds looks for the packages that services are built from: only a file
// on disk can be asked.
func (f *File) checkBuilds() error {
	var problems Problems
	for _, s := range f.stacks {
		for _, name := range sortedKeys(s.Services) {
			build := s.Services[name].Build
			if build == "" {
				continue
			}
			if info, err := os.Stat(filepath.Join(filepath.Dir(f.Path), build)); err != nil || !info.IsDir() {
				problems = append(problems, Problem{
					File: filepath.Base(f.Path), Message: fmt.Sprintf("services.%s.build: no folder %s beside the file", name, build),
				})
			}
		}
	}
	if len(problems) > 0 {
		return problems.sorted()
	}
	return nil
}

// A source is a file's text, for excerpts.
type source struct {
	name  string
	lines []string
}

// parse turns text into its one document.
func parse(src source, text []byte) (ast.Node, *Problem) {
	tree, err := parser.ParseBytes(text, 0)
	if err != nil {
		problem := src.syntax(err)
		return nil, &problem
	}
	if len(tree.Docs) != 1 || tree.Docs[0].Body == nil {
		return nil, &Problem{
			File: src.name, Message: fmt.Sprintf("wanted one YAML document, found %d", documents(tree)),
			Hint: "`apex schema` prints what a stack file may hold",
		}
	}
	return tree.Docs[0].Body, nil
}

func documents(tree *ast.File) (n int) {
	for _, doc := range tree.Docs {
		if doc.Body != nil {
			n++
		}
	}
	return n
}

// syntax turns the parser's error into a problem.
func (s source) syntax(err error) Problem {
	var detail yaml.Error
	if errors.As(err, &detail) {
		return s.at(detail.GetToken(), detail.GetMessage())
	}
	return Problem{File: s.name, Message: err.Error()}
}

// problem is a mistake at a node.
func (s source) problem(node ast.Node, message string) Problem {
	if node == nil {
		return Problem{File: s.name, Message: message}
	}
	tk := node.GetToken()
	if m, ok := node.(*ast.MappingNode); ok && len(m.Values) > 0 && !m.IsFlowStyle {
		tk = m.Values[0].Key.GetToken()
	}
	return s.at(tk, message)
}

func (s source) at(tk *token.Token, message string) Problem {
	p := Problem{File: s.name, Message: message}
	if tk == nil || tk.Position == nil || tk.Position.Line < 1 || tk.Position.Line > len(s.lines) {
		return p
	}
	p.Line, p.Column = tk.Position.Line, tk.Position.Column
	p.Excerpt = strings.TrimRight(s.lines[p.Line-1], "\r")
	return p
}
