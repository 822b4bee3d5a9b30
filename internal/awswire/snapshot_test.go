package awswire_test

import (
	"bufio"
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"net/textproto"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"apex/internal/api"
	"apex/internal/awswire"
)

// moduleDir returns where a module of the build lies in the module cache.
func moduleDir(t testing.TB, module string, goArgs ...string) string {
	t.Helper()
	out, err := exec.Command("go", append(goArgs, "list", "-m", "-f", "{{.Dir}}", module)...).Output()
	dir := strings.TrimSpace(string(out))
	if err != nil || dir == "" {
		t.Skipf("module %s is not in the module cache: %v", module, err)
	}
	return dir
}

// TestSnapshots reads every request that the AWS SDK for Go v2 keeps as a
// snapshot of an operation we know: the SDK has filled each member there is.
// Nothing we know may be missing, and what we do not know must be newer than us.
func TestSnapshots(t *testing.T) {
	for _, service := range servedServices() {
		t.Run(service.module, func(t *testing.T) {
			dir := moduleDir(t, "github.com/aws/aws-sdk-go-v2/service/"+service.module)
			for i := range service.operations {
				checkSnapshot(t, dir, service.operations, &service.operations[i])
			}
		})
	}
}

// found returns the operation that a method and a URI name among a service's.
func found(operations []api.OperationInfo, request *awswire.Request) string {
	var all []*api.OperationInfo
	for i := range operations {
		all = append(all, &operations[i])
	}
	if op := awswire.NewRouter(all).Find(request); op != nil {
		return op.Name
	}
	return ""
}

func checkSnapshot(t *testing.T, dir string, operations []api.OperationInfo, op *api.OperationInfo) {
	path := filepath.Join(dir, "request_snapshot", op.Name+".request.snap")
	snapshot, err := os.ReadFile(path)
	if os.IsNotExist(err) {
		t.Logf("%s: no snapshot", op.Name)
		return
	}
	if err != nil {
		t.Fatal(err)
	}
	request := parseSnapshot(t, snapshot)
	target, err := request.Target()
	if op.RequestURI != "" {
		target.Operation = found(operations, request)
	}
	if err != nil || target.Operation != op.Name {
		t.Errorf("%s: target is %+v, %v", op.Name, target, err)
		return
	}
	protocol := awswire.Of(newestProtocol(op.Service))
	in := newStruct(op.Input)
	unknown, err := protocol.Decode(request, op, in)
	if err != nil {
		t.Errorf("%s: %v", op.Name, err)
		return
	}
	if unknown > 0 {
		t.Logf("%s: %d members are newer than ours", op.Name, unknown)
	}
	for _, path := range absent(in) {
		t.Errorf("%s: member %s was not read", op.Name, path)
	}
}

// parseSnapshot reads "POST /path?query", a blank line, headers, a blank line, the body.
func parseSnapshot(t *testing.T, snapshot []byte) *awswire.Request {
	t.Helper()
	line, rest, _ := bytes.Cut(snapshot, []byte("\n"))
	rest = bytes.TrimLeft(rest, "\n")
	head, body, _ := bytes.Cut(rest, []byte("\n\n"))
	header, err := textproto.NewReader(bufio.NewReader(io.MultiReader(bytes.NewReader(head), strings.NewReader("\r\n\r\n")))).ReadMIMEHeader()
	if err != nil {
		t.Fatalf("%s: %v", line, err)
	}
	method, uri, _ := strings.Cut(strings.TrimSpace(string(line)), " ")
	path, query, _ := strings.Cut(uri, "?")
	return &awswire.Request{Method: method, Path: path, RawQuery: query, Header: http.Header(header), Body: body}
}

func record(t *testing.T, write func(http.ResponseWriter) error) *httptest.ResponseRecorder {
	t.Helper()
	w := httptest.NewRecorder()
	if err := write(w); err != nil {
		t.Fatal(err)
	}
	return w
}
