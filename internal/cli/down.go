package cli

import (
	"fmt"
	"os"

	"apex/internal/region"
)

type downCmd struct {
	Purge bool `help:"Also delete all data: the whole home directory."`
}

// Run stops the region and everything that it started.
func (c downCmd) Run(a *app) error {
	home, err := region.HomeFromEnv()
	if err != nil {
		return err
	}
	if _, err := os.Stat(home.Dir); os.IsNotExist(err) {
		fmt.Fprintln(a.stderr, "nothing to stop")
		return nil
	}
	held, err := lockChanges(home)
	if err != nil {
		return err
	}
	defer held.Close()
	if err := region.Stop(a.ctx, home); err != nil {
		return err
	}
	if !c.Purge {
		fmt.Fprintln(a.stderr, "stopped; data are in", home.Dir)
		return nil
	}
	if err := os.RemoveAll(home.Dir); err != nil {
		return fmt.Errorf("delete %s: %w", home.Dir, err)
	}
	fmt.Fprintln(a.stderr, "stopped; deleted", home.Dir)
	return nil
}
