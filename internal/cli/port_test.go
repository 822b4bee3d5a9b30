package cli

import (
	"fmt"
	"net"
	"os"
	"strings"
	"testing"

	"apex/internal/region"
	"apex/internal/regiontest"
)

func TestPortInUse(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	taken := l.Addr().(*net.TCPAddr).Port
	home := region.Home{Dir: t.TempDir(), Port: regiontest.FreePort(t), HTTPPort: taken, HTTPSPort: regiontest.FreePort(t)}
	err = checkPorts(home)
	if err == nil {
		t.Fatal("a port in use went unnoticed")
	}
	var said strings.Builder
	printError(&said, err)
	for _, want := range []string{fmt.Sprintf("process %d,", os.Getpid()), fmt.Sprintf(":%d:", taken), "APEX_HTTP_PORT"} {
		if !strings.Contains(said.String(), want) {
			t.Errorf("%q does not say %q", said.String(), want)
		}
	}
	l.Close()
	if err := checkPorts(home); err != nil {
		t.Errorf("all ports are free, but: %v", err)
	}
}
