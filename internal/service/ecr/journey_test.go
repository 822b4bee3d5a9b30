package ecr

import (
	"encoding/base64"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	sdk "github.com/aws/aws-sdk-go-v2/service/ecr"

	"apex/internal/image"
)

// A program's whole way: built, pushed under a token of the API, found as a
// task definition names it, unpacked, run.
func TestImageFromSourceToProcess(t *testing.T) {
	source := filepath.Join(t.TempDir(), "hello")
	if err := os.Mkdir(source, 0o755); err != nil {
		t.Fatal(err)
	}
	os.WriteFile(filepath.Join(source, "go.mod"), []byte("module hello\n"), 0o644)
	os.WriteFile(filepath.Join(source, "main.go"), []byte("package main\n\nfunc main() { println(\"hello\") }\n"), 0o644)
	img, err := image.BuildGo(t.Context(), image.BuildOptions{Dir: source})
	if err != nil {
		t.Fatal(err)
	}
	f := start(t, nil)
	repository := f.create("crm/hello")
	out, err := f.GetAuthorizationToken(t.Context(), &sdk.GetAuthorizationTokenInput{})
	if err != nil {
		t.Fatal(err)
	}
	text, err := base64.StdEncoding.DecodeString(*out.AuthorizationData[0].AuthorizationToken)
	if err != nil {
		t.Fatal(err)
	}
	user, password, _ := strings.Cut(string(text), ":")
	name := *repository.RepositoryUri + ":v1"
	for range 2 { // pushed again, nothing is sent again and nothing breaks
		if err := image.Push(t.Context(), img, name, image.Auth{User: user, Password: password}); err != nil {
			t.Fatal(err)
		}
	}
	_, digest, err := ResolveImage(f.env.Store.Snapshot(), scope, name)
	if err != nil {
		t.Fatal(err)
	}
	unpacked, err := image.Unpack(t.Context(), f.blobs, digest, filepath.Join(f.env.Home, "images"))
	if err != nil {
		t.Fatal(err)
	}
	said, err := exec.Command(filepath.Join(unpacked.Layers[0], unpacked.Config.Entrypoint[0])).CombinedOutput()
	if err != nil || string(said) != "hello\n" {
		t.Errorf("said %q, %v", said, err)
	}
}
