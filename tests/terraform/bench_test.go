package terraform

import (
	"net"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"apex/internal/regiontest"
)

// floor is what the provider's own waiters take of an apply of the example at
// least, whatever answers: a VPC 10 s, then a database 80 s, and the calls between.
const floor = 95 * time.Second

// plans is how many plans are timed.
const plans = 3

// withoutServices are the modules that moto can be asked for: it runs no task,
// and a service would wait for its tasks.
var withoutServices = []string{
	"network", "security", "logs", "balancer", "registry", "secrets", "database", "cache", "cluster", "monitoring",
}

// BenchmarkExample is how long applying the example takes from its start to its
// end, against the floor and a plan; and how long a plan takes of what is there
// already, against the same plan with moto behind it.
func BenchmarkExample(b *testing.B) {
	for b.Loop() {
		r := regiontest.Start(b)
		w := newWorkspace(b, r, exampleFolder, ".")
		w.vars = []string{"-var-file=environments/dev.tfvars"}
		w.changing(b, "apply", "-target=module.registry")
		w.push(b, r)
		first := w.timedPlan(b)
		begin := time.Now()
		w.changing(b, "apply")
		b.ReportMetric(time.Since(begin).Seconds(), "apply-s")
		b.ReportMetric((floor + first).Seconds(), "floor-s")
		for _, module := range withoutServices {
			w.vars = append(w.vars, "-target=module."+module)
		}
		peer := newPeer(b, r)
		var ours, theirs []float64
		for range plans { // in turn
			ours = append(ours, w.timedPlan(b).Seconds())
			if peer != nil {
				theirs = append(theirs, peer.timedPlan(b).Seconds())
			}
		}
		b.ReportMetric(middle(ours), "plan-s")
		if peer != nil {
			b.ReportMetric(middle(theirs), "moto-plan-s")
		}
		b.ReportMetric(0, "ns/op") // of all this together: says nothing
		w.vars = w.vars[:1]
		w.changing(b, "destroy")
	}
}

func (w *workspace) timedPlan(b *testing.B) time.Duration {
	b.Helper()
	begin := time.Now()
	w.must(b, append([]string{"plan", "-input=false", "-no-color"}, w.vars...)...)
	return time.Since(begin)
}

func middle(values []float64) float64 {
	slices.Sort(values)
	return values[len(values)/2]
}

// newPeer applies the same to a moto server, as far as that goes: what moto
// cannot make is not there to be looked at, which is to its advantage.
func newPeer(b *testing.B, r *regiontest.Region) *workspace {
	b.Helper()
	program, err := exec.LookPath("moto_server")
	if err != nil {
		b.Log("SKIPPED: moto is not installed: plans were held against NOTHING")
		return nil
	}
	address := net.JoinHostPort("127.0.0.1", strconv.Itoa(regiontest.FreePort(b)))
	_, port, _ := net.SplitHostPort(address)
	cmd := exec.Command(program, "-H", "127.0.0.1", "-p", port)
	if err := cmd.Start(); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { cmd.Process.Kill(); cmd.Wait() })
	regiontest.Await(b, "moto answers", func() bool {
		conn, err := net.Dial("tcp", address)
		if err == nil {
			conn.Close()
		}
		return err == nil
	})
	w := newWorkspace(b, r, exampleFolder, ".")
	w.env = append(w.env, "AWS_ENDPOINT_URL=http://"+address, "AWS_ACCESS_KEY_ID=testing", "AWS_SECRET_ACCESS_KEY=testing")
	w.vars = []string{"-var-file=environments/dev.tfvars"}
	for _, module := range withoutServices {
		w.vars = append(w.vars, "-target=module."+module)
	}
	_, out, err := w.run(b.Context(), append([]string{"apply", "-auto-approve", "-input=false", "-json"}, w.vars...)...)
	if err != nil {
		b.Fatal(err)
	}
	report := parseReport(out)
	b.Logf("moto made %d of %d resources", len(report.completed("create")), len(report.with("create")))
	for _, problem := range report.problems {
		summary, _, _ := strings.Cut(problem, "\n")
		b.Logf("moto: %.160s", summary)
	}
	return w
}
