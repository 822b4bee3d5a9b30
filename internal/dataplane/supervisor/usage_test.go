package supervisor

import (
	"os"
	"testing"
	"time"
)

func TestUsageOfThisProcess(t *testing.T) {
	before, err := UsageOf(os.Getpid())
	if err != nil || before.Resident < 1<<20 {
		t.Fatalf("%+v, %v", before, err)
	}
	deadline := time.Now().Add(20 * time.Second)
	for {
		after, err := UsageOf(os.Getpid())
		if err != nil {
			t.Fatal(err)
		}
		if after.CPU > before.CPU {
			break // it reads what this loop uses up
		}
		if time.Now().After(deadline) {
			t.Fatalf("the CPU time stays at %s", after.CPU)
		}
	}
	if _, err := UsageOf(1 << 30); err == nil {
		t.Error("a process that there is not has usage")
	}
}
