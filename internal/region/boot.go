package region

import (
	"bytes"
	"context"
	"os"
)

// bootID names the run of the machine's kernel.
const bootID = "/proc/sys/kernel/random/boot_id"

// resetAfterBoot makes the store say that nothing runs if the machine was started
// anew since the region last was: namespaces and processes are gone then.
func (p *parts) resetAfterBoot(ctx context.Context, home Home) error {
	now, err := os.ReadFile(bootID)
	if err != nil {
		return err
	}
	path := home.path("run", "boot")
	if last, err := os.ReadFile(path); err == nil && bytes.Equal(last, now) {
		return nil
	}
	if err := p.reset(ctx); err != nil {
		return err
	}
	return writeFile(path, now)
}
