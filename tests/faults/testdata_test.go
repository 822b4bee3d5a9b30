package faults

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// program is the task of these stories: what it does is its argument.
const program = `package main

import (
	"fmt"
	"net/http"
	"os"
	"os/signal"
	"syscall"
	"time"
)

func main() {
	switch os.Args[1] {
	case "exits":
		fmt.Println("this task ends at once")
		os.Exit(3)
	case "eats":
		var hoard [][]byte
		for {
			block := make([]byte, 16<<20)
			for i := range block {
				block[i] = 1
			}
			hoard = append(hoard, block)
			time.Sleep(time.Millisecond)
		}
	}
	code := http.StatusOK
	if os.Args[1] == "sick" {
		code = http.StatusInternalServerError
	}
	go http.ListenAndServe(":3000", http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(code) }))
	term := make(chan os.Signal, 1)
	signal.Notify(term, syscall.SIGTERM)
	<-term
}
`

// writeStack writes a stack of one service whose program does what is said, and
// returns the path of its file.
func writeStack(t *testing.T, does string) string {
	t.Helper()
	dir := t.TempDir()
	write := func(name, text string) {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("app/go.mod", "module app\n\ngo 1.26\n")
	write("app/main.go", program)
	write("apex.yaml", strings.ReplaceAll(`name: faults
services:
  web:
    build: ./app
    command: [DOES]
    port: 3000
    cpu: 256
    memory: 512
    count: 2
    http: {paths: [/*], health: /}
`, "DOES", does))
	return filepath.Join(dir, "apex.yaml")
}
