package db

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

var (
	createTable = regexp.MustCompile(`(?s)CREATE TABLE IF NOT EXISTS (\w+) \((.*?)\n\)`)
	primaryKey  = regexp.MustCompile(`PRIMARY KEY \(([^)]*)\)`)
	foreignKey  = regexp.MustCompile(`FOREIGN KEY \(([^)]*)\) REFERENCES (\w+) \(([^)]*)\)`)
	reads       = regexp.MustCompile(`\b(?:FROM|JOIN|INTO|UPDATE)\s+(\w+)\b`)
)

func schema(t *testing.T) string {
	t.Helper()
	var all strings.Builder
	err := fs.WalkDir(Migrations(), ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		text, err := fs.ReadFile(Migrations(), name)
		all.Write(text)
		all.WriteByte('\n')
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all.String()
}

// tenantTables are those with a column workspace_id.
func tenantTables(t *testing.T) map[string]string {
	t.Helper()
	tables := map[string]string{}
	for _, m := range createTable.FindAllStringSubmatch(schema(t), -1) {
		if strings.Contains(m[2], "workspace_id") {
			tables[m[1]] = m[2]
		}
	}
	if len(tables) < 5 {
		t.Fatalf("only %d tenant tables were found", len(tables))
	}
	return tables
}

func TestWorkspaceLeadsEveryKey(t *testing.T) {
	tables := tenantTables(t)
	for name, text := range tables {
		if key := primaryKey.FindStringSubmatch(text); key == nil || !strings.HasPrefix(key[1], "workspace_id, ") {
			t.Errorf("%s: its primary key does not begin with workspace_id", name)
		}
		for _, key := range foreignKey.FindAllStringSubmatch(text, -1) {
			_, tenant := tables[key[2]]
			if tenant && (!strings.HasPrefix(key[1], "workspace_id, ") || !strings.HasPrefix(key[3], "workspace_id, ")) {
				t.Errorf("%s: its key to %s could cross workspaces", name, key[2])
			}
		}
	}
}

// A statement names the workspace once for each tenant table that it touches.
func TestEveryQueryNamesItsWorkspace(t *testing.T) {
	tables := tenantTables(t)
	seen := 0
	for where, query := range queries(t) {
		touched := 0
		for _, m := range reads.FindAllStringSubmatch(query, -1) {
			if _, ok := tables[m[1]]; ok {
				touched++
			}
		}
		seen += touched
		if touched > strings.Count(query, "workspace_id") {
			t.Errorf("%s: touches %d tenant tables without naming the workspace for each: %s", where, touched, query)
		}
	}
	if seen < 20 {
		t.Errorf("only %d uses of tenant tables were found: has the way of writing SQL changed?", seen)
	}
}

func TestSQLIsOfBothEngines(t *testing.T) {
	all := queries(t)
	all["migrations"] = schema(t)
	only := regexp.MustCompile(`(?i)\bRETURNING\b|uuid_to_bin|utf8mb4_0900|->>|\bLATERAL\b|\bAS new\b|\bFOR SHARE\b|\bOF \w+\s*$`)
	for where, text := range all {
		if found := only.FindString(text); found != "" {
			t.Errorf("%s: %q is not of both MySQL 8.0 and MariaDB 10.11", where, found)
		}
	}
}

// queries are the string constants of all packages, put together where one is
// made of others.
func queries(t *testing.T) map[string]string {
	t.Helper()
	found := map[string]string{}
	folders, err := filepath.Glob("../internal/*")
	if err != nil {
		t.Fatal(err)
	}
	for _, folder := range folders {
		constants := map[string]ast.Expr{}
		files, _ := filepath.Glob(folder + "/*.go") // the pattern is valid
		for _, file := range files {
			if strings.HasSuffix(file, "_test.go") {
				continue
			}
			parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
			if err != nil {
				t.Fatal(err)
			}
			ast.Inspect(parsed, func(n ast.Node) bool {
				if spec, ok := n.(*ast.ValueSpec); ok && len(spec.Values) == len(spec.Names) {
					for i, name := range spec.Names {
						constants[name.Name] = spec.Values[i]
					}
				}
				return true
			})
		}
		for name, value := range constants {
			if text := evaluate(value, constants); reads.MatchString(text) {
				found[folder+"."+name] = text
			}
		}
	}
	return found
}

func evaluate(e ast.Expr, constants map[string]ast.Expr) string {
	switch e := e.(type) {
	case *ast.BasicLit:
		text, _ := strconv.Unquote(e.Value) // a number is no SQL
		return text
	case *ast.Ident:
		return evaluate(constants[e.Name], constants)
	case *ast.BinaryExpr:
		return evaluate(e.X, constants) + evaluate(e.Y, constants)
	}
	return ""
}
