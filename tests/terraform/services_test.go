package terraform

import (
	"flag"
	"os"
	"path/filepath"
	"strconv"
	"testing"

	"apex/internal/regiontest"
)

// Three folders at a time: the provider eats a core, and then waits for long. And
// beside them two of the long stories, which wait more.
var (
	folders = make(chan struct{}, 3)
	stories = make(chan struct{}, 2)
)

// atOnce is more than there are tests: turn alone bounds them.
const atOnce = 1000

// TestMain lets more tests run in parallel than there are cores.
func TestMain(m *testing.M) {
	flag.Parse()
	if err := flag.Set("test.parallel", strconv.Itoa(atOnce)); err != nil {
		panic(err)
	}
	os.Exit(m.Run())
}

// turn waits until there is place, and gives it back at the end of the test.
func turn(t *testing.T, places chan struct{}) {
	t.Helper()
	t.Parallel()
	places <- struct{}{}
	t.Cleanup(func() { <-places })
}

// TestServices runs each folder of testdata through all gates, in one region.
func TestServices(t *testing.T) {
	needTools(t)
	t.Parallel()
	configurations, err := os.ReadDir("testdata")
	if err != nil {
		t.Fatal(err)
	}
	r := regiontest.Start(t)
	t.Cleanup(func() { nothingLeft(t, r) })
	for _, folder := range configurations {
		t.Run(folder.Name(), func(t *testing.T) {
			turn(t, folders)
			newWorkspace(t, r, filepath.Join("testdata", folder.Name()), ".").lifecycle(t)
		})
	}
}
