package terraform

import (
	"os"
	"path/filepath"
	"testing"

	"apex/internal/regiontest"
)

// stories lets two stories run at a time: the provider eats a core.
var stories = make(chan struct{}, 2)

// TestServices runs each folder of testdata through all gates, in one region.
func TestServices(t *testing.T) {
	needTools(t)
	folders, err := os.ReadDir("testdata")
	if err != nil {
		t.Fatal(err)
	}
	r := regiontest.Start(t)
	t.Cleanup(func() { nothingLeft(t, r) })
	for _, folder := range folders {
		t.Run(folder.Name(), func(t *testing.T) {
			t.Parallel()
			stories <- struct{}{}
			defer func() { <-stories }()
			newWorkspace(t, r, filepath.Join("testdata", folder.Name()), ".").lifecycle(t)
		})
	}
}
