package main

import (
	"flag"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write the golden files")

// shop returns the test model with an overlay laid over it.
func shop(t *testing.T, overlay Overlay) *Model {
	t.Helper()
	model, err := readModel("testdata/shop/api-2.json")
	if err != nil {
		t.Fatal(err)
	}
	if err := overlay.apply(model); err != nil {
		t.Fatal(err)
	}
	return model
}

func filesOf(t *testing.T, model *Model, operations ...string) map[string][]byte {
	t.Helper()
	p, err := newPackage(Service{Name: "shop", Operations: operations}, model)
	if err != nil {
		t.Fatal(err)
	}
	files, err := p.files()
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// TestGolden holds all that is written for a small model against testdata/golden.
func TestGolden(t *testing.T) {
	files := filesOf(t, shop(t, Overlay{}), "Buy", "Close")
	dir := "testdata/golden"
	if *update {
		if err := writeFiles(dir, files); err != nil {
			t.Fatal(err)
		}
		return
	}
	names, err := filepath.Glob(dir + "/*.go")
	if err != nil {
		t.Fatal(err)
	}
	for i := range names {
		names[i] = filepath.Base(names[i])
	}
	if diff := cmp.Diff(names, slices.Sorted(maps.Keys(files))); diff != "" {
		t.Errorf("files (-want +got):\n%s", diff)
	}
	for _, name := range names {
		want, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(string(want), string(files[name])); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

func TestOutputIsTheSameEveryTime(t *testing.T) {
	first := filesOf(t, shop(t, Overlay{}), "Buy", "Close")
	for range 5 {
		if diff := cmp.Diff(first, filesOf(t, shop(t, Overlay{}), "Close", "Buy")); diff != "" {
			t.Fatalf("another run (-first +this):\n%s", diff)
		}
	}
}

func TestOverlayAdds(t *testing.T) {
	path := filepath.Join(t.TempDir(), "overlay.yaml")
	text := `
shop:
  operations:
    Return: {input: {shape: ReturnRequest}}
  shapes:
    ReturnRequest: {type: structure, members: {zone: {shape: Name}, Basket: {shape: Name}}}
    Box: {members: {Lid: {shape: Bool}}}
    Zeal: {enum: [NONE]}
`
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	overlays, err := readOverlays(path)
	if err != nil {
		t.Fatal(err)
	}
	files := filesOf(t, shop(t, overlays["shop"]), "Buy", "Return")
	for name, want := range map[string]string{
		"shapes_r.go":   "Zone   *string `wire:\"zone\" check:\"min=1,max=64\"`\n\tBasket",
		"shapes_b.go":   "Lid    *bool",
		"enums.go":      `ZealNone = "NONE"`,
		"operations.go": "Return = &api.Operation[ReturnRequest, ReturnOutput]",
	} {
		if !strings.Contains(string(files[name]), want) {
			t.Errorf("%s lacks %s:\n%s", name, want, files[name])
		}
	}
}

func TestWrongInputIsRefused(t *testing.T) {
	member := func(name string) map[string]*Shape {
		return map[string]*Shape{"Box": {Members: Members{{Name: name, Ref: Ref{Shape: "Name"}}}}}
	}
	for name, tt := range map[string]struct {
		overlay    Overlay
		operations []string
		says       string
	}{
		"unknown operation":        {Overlay{}, []string{"Steal"}, "operation Steal: not in the model"},
		"event stream in":          {Overlay{Operations: map[string]*Operation{"Tell": {Name: "Tell", Input: &Ref{Shape: "TellRequest"}}}, Shapes: map[string]*Shape{"TellRequest": {Type: "structure", Members: Members{{Name: "Tale", Ref: Ref{Shape: "Stream"}}}}}}, []string{"Tell"}, "event streams"},
		"operation of the model":   {Overlay{Operations: map[string]*Operation{"Buy": {}}}, nil, "the model has it"},
		"member of the model":      {Overlay{Shapes: member("Items")}, nil, "the model has it"},
		"value of the model":       {Overlay{Shapes: map[string]*Shape{"Zeal": {Enum: []string{"ALL"}}}}, nil, "the model has it"},
		"shape that is nowhere":    {Overlay{Operations: map[string]*Operation{"Go": {Name: "Go", Input: &Ref{Shape: "GoRequest"}, Output: &Ref{Shape: "Box"}}}, Shapes: map[string]*Shape{"Box": {Members: Members{{Name: "X", Ref: Ref{Shape: "Nowhere"}}}}}}, []string{"Go"}, "shape Nowhere"},
		"two things with one name": {Overlay{Operations: map[string]*Operation{"Box": {}}}, []string{"Box", "Buy"}, "name Box"},
	} {
		t.Run(name, func(t *testing.T) {
			model, err := readModel("testdata/shop/api-2.json")
			if err != nil {
				t.Fatal(err)
			}
			if err = tt.overlay.apply(model); err == nil {
				_, err = newPackage(Service{Name: "shop", Operations: tt.operations}, model)
			}
			if err == nil || !strings.Contains(err.Error(), tt.says) {
				t.Errorf("got %v, want %q", err, tt.says)
			}
		})
	}
}

// The events of an output stream get types; the stream itself is no member.
func TestEventsOfAnOutput(t *testing.T) {
	files := filesOf(t, shop(t, Overlay{
		Operations: map[string]*Operation{"Hear": {Name: "Hear", Output: &Ref{Shape: "HearResponse"}}},
		Shapes: map[string]*Shape{
			"HearResponse": {Type: "structure", Members: Members{{Name: "tale", Ref: Ref{Shape: "Tale"}}}},
			"Tale":         {Type: "structure", EventStream: true, Members: Members{{Name: "word", Ref: Ref{Shape: "Word"}}, {Name: "end", Ref: Ref{Shape: "End"}}}},
			"Word":         {Type: "structure", Members: Members{{Name: "said", Ref: Ref{Shape: "Name"}}}},
			"End":          {Type: "structure", Exception: true},
		},
	}), "Hear")
	for name, want := range map[string]string{
		"shapes_h.go": "type HearResponse struct {\n}",
		"shapes_w.go": "Said *string",
		"errors.go":   "func NewEnd(",
	} {
		if !strings.Contains(string(files[name]), want) {
			t.Errorf("%s lacks %s:\n%s", name, want, files[name])
		}
	}
}

func TestOperationsAreListedOnce(t *testing.T) {
	path := filepath.Join(t.TempDir(), "operations.yaml")
	for text, want := range map[string]string{
		"- {name: shop, model: shop, operations: [Buy, Close, Buy]}": "Buy is listed twice",
		"- {name: shop, modal: shop}":                                "unknown field",
	} {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := readServices(path); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want %q", text, err, want)
		}
	}
}

func TestEnumName(t *testing.T) {
	for value, want := range map[string]string{
		"available": "Available", "in-use": "InUse", "HTTP_301": "Http301", "FARGATE_SPOT": "FargateSpot",
		"db.t3.micro": "DbT3Micro", "awsvpc": "Awsvpc", "TLSv1.2": "Tlsv12", "containerInsights": "ContainerInsights",
		"a b(c)": "Abc", "": "",
	} {
		if got := enumName(value); got != want {
			t.Errorf("enumName(%q) = %q, want %q", value, got, want)
		}
	}
}

func TestWriteFilesLeavesExactlyThem(t *testing.T) {
	dir := t.TempDir()
	first := map[string][]byte{"a.go": []byte("a"), "b.go": []byte("b")}
	second := map[string][]byte{"b.go": []byte("B")}
	for _, files := range []map[string][]byte{first, second} {
		if err := checkFiles(dir, files); err == nil {
			t.Error("the check passes before the files are there")
		}
		if err := writeFiles(dir, files); err != nil {
			t.Fatal(err)
		}
		if err := checkFiles(dir, files); err != nil {
			t.Error(err)
		}
	}
	if err := checkFiles(dir, map[string][]byte{}); err == nil {
		t.Error("the check passes with a file too many")
	}
}

// TestRESTBindings writes where a REST protocol has an operation and its members.
func TestRESTBindings(t *testing.T) {
	model := shop(t, Overlay{})
	model.Metadata.Protocol = "rest-json"
	model.Operations["Buy"].HTTP = HTTP{Method: "PUT", RequestURI: "/item/{Item}?now", ResponseCode: 201}
	request := model.Shapes["buyRequest"]
	request.Payload = "tags"
	for i := range request.Members {
		if request.Members[i].Name == "item" {
			request.Members[i].Ref.Location = "uri"
		}
	}
	files := filesOf(t, model, "Buy")
	for name, want := range map[string]string{
		"operations.go": `Method: "PUT", RequestURI: "/item/{Item}?now", Status: 201}`,
		"shapes_b.go":   "`wire:\"Item,in=uri\" check:\"required,min=1,max=64\"`",
	} {
		if !strings.Contains(string(files[name]), want) {
			t.Errorf("%s lacks %s:\n%s", name, want, files[name])
		}
	}
	if !strings.Contains(string(files["shapes_b.go"]), `wire:"tags,payload"`) {
		t.Errorf("no payload in:\n%s", files["shapes_b.go"])
	}
	model.Metadata.Protocol = "json"
	p, err := newPackage(Service{Name: "shop", Operations: []string{"Buy"}}, model)
	if err == nil {
		_, err = p.files()
	}
	if err == nil || !strings.Contains(err.Error(), "location uri") {
		t.Errorf("a location in a protocol without: %v", err)
	}
}
