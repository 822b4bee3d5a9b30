package cli

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"apex/internal/region"
)

func TestOneChangeAtATime(t *testing.T) {
	home := region.Home{Dir: t.TempDir()}
	held, err := lockChanges(home)
	if err != nil {
		t.Fatal(err)
	}
	_, err = lockChanges(home)
	if err == nil || !strings.Contains(err.Error(), fmt.Sprintf("process %d ", os.Getpid())) {
		t.Errorf("second lock: %v, want an error that names process %d", err, os.Getpid())
	}
	held.Close()
	again, err := lockChanges(home)
	if err != nil {
		t.Fatalf("the lock outlives its holder: %v", err)
	}
	again.Close()
}
