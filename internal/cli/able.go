package cli

import (
	"context"
	"errors"
	"os"

	"apex/internal/region"
)

// ableToRun says what keeps this machine from running a region, if anything does.
func ableToRun(context.Context, region.Home) error {
	if os.Geteuid() != 0 {
		return hinted(errors.New("start the region: this user may not make networks and containers"), "run it as root: sudo -E apex up")
	}
	return nil
}
