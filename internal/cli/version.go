package cli

import (
	"fmt"
	"runtime"

	"apex/internal/region"
)

type versionCmd struct {
	Output string `short:"o" help:"text or json." enum:"text,json" default:"text"`
}

// Run prints what this program is.
func (c versionCmd) Run(a *app) error {
	if c.Output == "json" {
		return writeJSON(a.stdout, map[string]string{
			"version": region.Version, "go": runtime.Version(), "platform": runtime.GOOS + "/" + runtime.GOARCH,
		})
	}
	_, err := fmt.Fprintf(a.stdout, "apex %s (%s, %s/%s)\n", region.Version, runtime.Version(), runtime.GOOS, runtime.GOARCH)
	return err
}
