package cli

import (
	"fmt"
	"slices"
	"strings"

	"github.com/alecthomas/kong"
)

type completionCmd struct {
	Shell string `arg:"" help:"bash, zsh or fish." enum:"bash,zsh,fish"`
}

// Run prints the script, made from the command line's own model.
func (c completionCmd) Run(a *app) error {
	places := placesOf(a.parser.Model.Node, "")
	script := map[string]func([]place) string{"bash": bashScript, "zsh": zshScript, "fish": fishScript}[c.Shell]
	_, err := fmt.Fprint(a.stdout, script(places))
	return err
}

// A place is where in the command line one may be, and what may come there.
type place struct {
	path  string // "", " up", " db shell"
	words []word
}

// A word is a sub-command or a flag.
type word struct {
	text, help string
	command    bool
	values     []string // of a flag that takes one of these
	file       bool     // of a flag that takes a file
	argument   bool     // not a word but a value that stands alone
}

func placesOf(n *kong.Node, path string) []place {
	here := place{path: path}
	var below []place
	for _, child := range n.Children {
		if !child.Hidden && child.Type == kong.CommandNode {
			here.words = append(here.words, word{text: child.Name, help: child.Help, command: true})
			below = append(below, placesOf(child, path+" "+child.Name)...)
		}
	}
	for _, flag := range n.Flags {
		if !flag.Hidden {
			here.words = append(here.words, word{
				text: "--" + flag.Name, help: flag.Help, values: enum(flag.Value), file: flag.Tag != nil && flag.Tag.Type == "path",
			})
		}
	}
	for _, arg := range n.Positional {
		for _, value := range enum(arg) {
			here.words = append(here.words, word{text: value, argument: true})
		}
	}
	return append([]place{here}, below...)
}

func enum(v *kong.Value) []string {
	if v.Enum == "" {
		return nil
	}
	return strings.Split(v.Enum, ",")
}

func (p place) list() string {
	var texts []string
	for _, w := range p.words {
		texts = append(texts, w.text)
	}
	return strings.Join(texts, " ")
}

// commandPaths are all places but the root, as the patterns of a shell's case.
func commandPaths(places []place) string {
	var paths []string
	for _, p := range places[1:] {
		paths = append(paths, `"`+p.path+`"`)
	}
	return strings.Join(paths, "|")
}

func bashScript(places []place) string {
	var b strings.Builder
	b.WriteString("_apex() {\n\tlocal cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]} at= i\n")
	fmt.Fprintf(&b, "\tfor ((i = 1; i < COMP_CWORD; i++)); do\n\t\tcase \"$at ${COMP_WORDS[i]}\" in\n\t\t%s) at=\"$at ${COMP_WORDS[i]}\" ;;\n\t\tesac\n\tdone\n", commandPaths(places))
	b.WriteString("\tcase \"$at $prev\" in\n")
	for _, p := range places {
		for _, w := range p.words {
			switch {
			case w.file:
				fmt.Fprintf(&b, "\t%q) mapfile -t COMPREPLY < <(compgen -f -- \"$cur\"); return ;;\n", p.path+" "+w.text)
			case len(w.values) > 0:
				fmt.Fprintf(&b, "\t%q) mapfile -t COMPREPLY < <(compgen -W %q -- \"$cur\"); return ;;\n", p.path+" "+w.text, strings.Join(w.values, " "))
			}
		}
	}
	b.WriteString("\tesac\n\tlocal words=\n\tcase \"$at\" in\n")
	for _, p := range places {
		fmt.Fprintf(&b, "\t%q) words=%q ;;\n", p.path, p.list())
	}
	b.WriteString("\tesac\n\tmapfile -t COMPREPLY < <(compgen -W \"$words\" -- \"$cur\")\n}\ncomplete -F _apex apex\n")
	return b.String()
}

func zshScript(places []place) string {
	var b strings.Builder
	b.WriteString("#compdef apex\n_apex() {\n\tlocal at= i\n\tlocal -a words_here\n")
	fmt.Fprintf(&b, "\tfor ((i = 2; i < CURRENT; i++)); do\n\t\tcase \"$at $words[i]\" in\n\t\t(%s) at=\"$at $words[i]\" ;;\n\t\tesac\n\tdone\n", commandPaths(places))
	b.WriteString("\tcase \"$at $words[CURRENT-1]\" in\n")
	for _, p := range places {
		for _, w := range p.words {
			switch {
			case w.file:
				fmt.Fprintf(&b, "\t(%q) _files; return ;;\n", p.path+" "+w.text)
			case len(w.values) > 0:
				fmt.Fprintf(&b, "\t(%q) compadd %s; return ;;\n", p.path+" "+w.text, strings.Join(w.values, " "))
			}
		}
	}
	b.WriteString("\tesac\n\tcase \"$at\" in\n")
	for _, p := range places {
		fmt.Fprintf(&b, "\t(%q) words_here=(", p.path)
		for _, w := range p.words {
			b.WriteString(" " + quote(strings.ReplaceAll(w.text, ":", `\:`)+":"+w.help))
		}
		b.WriteString(" ) ;;\n")
	}
	b.WriteString("\tesac\n\t_describe apex words_here\n}\ncompdef _apex apex\n")
	return b.String()
}

func fishScript(places []place) string {
	var b strings.Builder
	b.WriteString("function __apex_at\n\tset -l at ''\n\tfor word in (commandline -opc)[2..-1]\n\t\tswitch \"$at $word\"\n\t\t\tcase")
	for _, p := range places[1:] {
		b.WriteString(" " + quote(p.path))
	}
	b.WriteString("\n\t\t\t\tset at \"$at $word\"\n\t\tend\n\tend\n\ttest \"$at\" = \"$argv[1]\"\nend\ncomplete -c apex -f\n")
	for _, p := range places {
		for _, w := range p.words {
			b.WriteString(w.fish(p.path))
		}
	}
	return b.String()
}

func (w word) fish(path string) string {
	parts := []string{"complete -c apex -n", quote("__apex_at " + quote(path))}
	switch {
	case w.command || w.argument:
		parts = append(parts, "-a", quote(w.text))
	case w.file:
		parts = append(parts, "-r -F -l", strings.TrimPrefix(w.text, "--"))
	case len(w.values) > 0:
		parts = append(parts, "-x -l", strings.TrimPrefix(w.text, "--"), "-a", quote(strings.Join(w.values, " ")))
	default:
		parts = append(parts, "-l", strings.TrimPrefix(w.text, "--"))
	}
	if w.help != "" {
		parts = append(parts, "-d", quote(w.help))
	}
	return strings.Join(slices.Clip(parts), " ") + "\n"
}

// quote is a text as one word of a shell.
func quote(text string) string { return "'" + strings.ReplaceAll(text, "'", `'\''`) + "'" }
