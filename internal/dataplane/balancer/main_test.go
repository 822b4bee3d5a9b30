package balancer

import (
	"net/http"
	"os"
	"testing"
)

// The test binary is the balancer as well: "balancer.test balancer DIR [worker]";
// and a target: "balancer.test target ADDR".
func TestMain(m *testing.M) {
	if len(os.Args) > 2 && os.Args[1] == "balancer" {
		os.Exit(Main(os.Args[2:]))
	}
	if len(os.Args) == 3 && os.Args[1] == "target" {
		http.ListenAndServe(os.Args[2], http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {}))
		os.Exit(1)
	}
	os.Exit(m.Run())
}
