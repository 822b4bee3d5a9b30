package cli

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"apex/internal/region"
)

type statusCmd struct {
	targetFlags
	Output string `short:"o" help:"text or json." enum:"text,json" default:"text"`
}

// A status is what status prints for scripts: a promise.
type status struct {
	Region   regionStatus             `json:"region"`
	Hint     string                   `json:"hint,omitempty"` // what is left to do
	URLs     map[string]string        `json:"urls"`
	Services map[string]serviceStatus `json:"services"`
	Database *storeStatus             `json:"database,omitempty"`
	Cache    *storeStatus             `json:"cache,omitempty"`
}

type regionStatus struct {
	PID int `json:"pid"` // 0: it does not run
}

type serviceStatus struct {
	Desired int      `json:"desired"`
	Running int      `json:"running"`
	Healthy int      `json:"healthy"`
	Zones   []string `json:"zones"`
	Event   string   `json:"event,omitempty"` // the last, while not all is well
}

type storeStatus struct {
	ID       string `json:"id"`
	Status   string `json:"status"`
	Engine   string `json:"engine"`
	Endpoint string `json:"endpoint,omitempty"`
}

// Run collects and prints the status. A region that does not run is a status too.
func (c statusCmd) Run(a *app) error {
	home, err := region.HomeFromEnv()
	if err != nil {
		return err
	}
	t, err := c.target(home)
	if err != nil {
		return err
	}
	st := status{URLs: t.urls(home), Services: map[string]serviceStatus{}}
	if t.Domain != "" && !trusted(home) {
		st.Hint = trustHint
	}
	if daemon, ok := home.Daemon(); ok {
		st.Region.PID = daemon.PID
		if err := observe(a.ctx, home, t, &st); err != nil {
			return err
		}
	}
	if c.Output == "json" {
		return writeJSON(a.stdout, st)
	}
	return st.print(a.stdout)
}

func (st status) print(out io.Writer) error {
	if st.Region.PID == 0 {
		_, err := fmt.Fprintln(out, "region        does not run: apex up")
		return err
	}
	fmt.Fprintf(out, "region        process %d\n", st.Region.PID)
	for _, name := range sortedKeys(st.URLs) {
		fmt.Fprintf(out, "%-13s %s\n", name, st.URLs[name])
	}
	if st.Hint != "" {
		fmt.Fprintf(out, "%-13s %s\n", "hint", st.Hint)
	}
	fmt.Fprintln(out)
	w := tabwriter.NewWriter(out, 0, 0, 3, ' ', 0)
	fmt.Fprintln(w, "SERVICE\tDESIRED\tRUNNING\tHEALTHY\tZONES")
	for _, name := range sortedKeys(st.Services) {
		s := st.Services[name]
		fmt.Fprintf(w, "%s\t%d\t%d\t%d\t%s\n", name, s.Desired, s.Running, s.Healthy, strings.Join(s.Zones, " "))
	}
	if st.Database != nil || st.Cache != nil {
		fmt.Fprintln(w, "\nSTORE\tENGINE\tSTATUS\tENDPOINT")
	}
	for _, s := range []*storeStatus{st.Database, st.Cache} {
		if s != nil {
			fmt.Fprintf(w, "%s\t%s\t%s\t%s\n", s.ID, s.Engine, s.Status, s.Endpoint)
		}
	}
	if err := w.Flush(); err != nil {
		return err
	}
	return st.printEvents(out)
}

// printEvents prints what services that are not as desired say of themselves.
func (st status) printEvents(out io.Writer) error {
	for _, name := range sortedKeys(st.Services) {
		if e := st.Services[name].Event; e != "" {
			if _, err := fmt.Fprintf(out, "\n%s: %s\n", name, e); err != nil {
				return err
			}
		}
	}
	return nil
}
