package balancer

import (
	"net/http"
	"os"
	"testing"

	"apex/internal/dataplane/supervisor"
)

// The test binary is the balancer as well, its supervisor ("supervise DIR",
// "balancer DIR"), and a target: "target ADDR".
func TestMain(m *testing.M) {
	if len(os.Args) > 2 {
		switch os.Args[1] {
		case "balancer":
			os.Exit(Main(os.Args[2:]))
		case "supervise":
			os.Exit(supervisor.Main(os.Args[2:]))
		}
	}
	if len(os.Args) == 3 && os.Args[1] == "target" {
		http.ListenAndServe(os.Args[2], http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {}))
		os.Exit(1)
	}
	os.Exit(m.Run())
}
