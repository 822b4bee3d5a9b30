package cli

import (
	"fmt"
	"time"

	"apex/internal/dataplane/authority"
	"apex/internal/region"
)

type trustCmd struct {
	Print  bool   `help:"Print the authority's certificate (PEM) and change nothing."`
	Remove bool   `help:"Undo: take the authority out of the stores."`
	Only   string `help:"Change one store alone: system or browser." enum:"system,browser,both" default:"both"`
	NSS    string `name:"nss" help:"The NSS database that Chromium reads." placeholder:"DIR" type:"path"`
}

// Run lets this machine's programs believe the certificates that the home's
// authority issues, or undoes it.
func (c trustCmd) Run(a *app) error {
	home, err := region.HomeFromEnv()
	if err != nil {
		return err
	}
	ca, err := authority.Open(authorityDir(home), time.Now())
	if err != nil {
		return err
	}
	if c.Print {
		_, err := a.stdout.Write(ca.PEM())
		return err
	}
	nss, err := nssStore(c.NSS)
	if err != nil {
		return err
	}
	change := trustStore.add
	if c.Remove {
		change = trustStore.remove
	}
	if !c.Remove {
		fmt.Fprintf(a.stdout, "%s, SHA-256 %s\nit can vouch only for names below localhost, test, internal, local, lan, home.arpa and example, and for loopback addresses\n",
			ca.Name(), ca.Fingerprint())
	}
	stores := map[string][]trustStore{"system": {systemStore()}, "browser": {nss}, "both": {systemStore(), nss}}
	for _, s := range stores[c.Only] {
		done, err := change(s, a.ctx, ca)
		if err != nil {
			return err
		}
		fmt.Fprintln(a.stdout, done)
	}
	if !c.Remove {
		fmt.Fprintln(a.stdout, "programs that run already may need a restart; undo: apex trust --remove")
	}
	return nil
}
