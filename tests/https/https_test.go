package https

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/acm"
	"github.com/aws/aws-sdk-go-v2/service/acm/types"
	"github.com/chromedp/chromedp"

	"apex/internal/dataplane/balancer"
	"apex/internal/regiontest"
)

// A site is a region with the page up in it.
type site struct {
	*regiontest.Region
	client *http.Client // trusts the home's authority
}

func up(t *testing.T) site {
	t.Helper()
	r := regiontest.New(t)
	r.Apex(t, "up", "--file", "tests/https/apex.yaml")
	roots := x509.NewCertPool()
	if !roots.AppendCertsFromPEM([]byte(r.Apex(t, "trust", "--print"))) {
		t.Fatal("apex trust --print gave no certificate")
	}
	tr := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots}, ForceAttemptHTTP2: true, DialContext: toLoopback}
	t.Cleanup(tr.CloseIdleConnections)
	return site{r, &http.Client{Transport: tr, Timeout: 30 * time.Second}}
}

// toLoopback dials this machine whatever the name is: browsers know by themselves
// that names below localhost mean it.
func toLoopback(ctx context.Context, network, addr string) (net.Conn, error) {
	_, port, err := net.SplitHostPort(addr)
	if err != nil {
		return nil, err
	}
	return new(net.Dialer).DialContext(ctx, network, "127.0.0.1:"+port)
}

func (s site) url() string { return fmt.Sprintf("https://page.localhost:%d/", s.Home.HTTPSPort) }

// get asks for the page and returns the response without its body.
func (s site) get(t *testing.T, url string) *http.Response {
	t.Helper()
	resp, err := s.client.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil || !strings.Contains(string(body), "<title>page") {
		t.Fatalf("%s: %s %v\n%s", url, resp.Status, err, body)
	}
	return resp
}

// process returns the balancer process that speaks TLS.
func (s site) process(t *testing.T) int {
	t.Helper()
	dirs, err := filepath.Glob(filepath.Join(s.Home.Dir, "balancers", "*-tls"))
	if err != nil || len(dirs) != 1 {
		t.Fatalf("balancers for TLS: %v %v", dirs, err)
	}
	st, err := balancer.Observe(t.Context(), dirs[0])
	if err != nil {
		t.Fatal(err)
	}
	return st.PID
}

func TestHTTPS(t *testing.T) {
	s := up(t)
	t.Run("clients", func(t *testing.T) { s.clients(t) })
	t.Run("status", func(t *testing.T) { s.statusSaysWhere(t) })
	t.Run("browser", func(t *testing.T) { s.browser(t) })
}

// clients come over HTTP/2, are sent from plain HTTP to HTTPS, and see nothing of
// a kill of the process that has the keys.
func (s site) clients(t *testing.T) {
	resp := s.get(t, s.url())
	if resp.ProtoMajor != 2 || resp.Header.Get("X-Seen-Proto") != "https" || resp.TLS.Version != tls.VersionTLS13 {
		t.Errorf("%s, TLS %#x, the task saw %q", resp.Proto, resp.TLS.Version, resp.Header.Get("X-Seen-Proto"))
	}
	plain := fmt.Sprintf("http://page.localhost:%d/", s.Home.HTTPPort)
	if sent := s.get(t, plain); sent.Request.URL.String() != s.url() {
		t.Errorf("plain HTTP ended at %s", sent.Request.URL)
	}
	syscall.Kill(s.process(t), syscall.SIGKILL)
	s.client.CloseIdleConnections()
	s.get(t, s.url())
}

func (s site) statusSaysWhere(t *testing.T) {
	var st struct {
		URLs map[string]string
		Hint string
	}
	if err := json.Unmarshal([]byte(s.Apex(t, "status", "--output", "json")), &st); err != nil {
		t.Fatal(err)
	}
	if st.URLs["web-https"] != s.url() || !strings.Contains(st.Hint, "apex trust") {
		t.Errorf("%+v", st)
	}
}

// renew has ACM make the certificate anew and waits until clients see it.
func (s site) renew(t *testing.T) {
	t.Helper()
	c := acm.NewFromConfig(s.AWS(t))
	list, err := c.ListCertificates(t.Context(), &acm.ListCertificatesInput{Includes: &types.Filters{KeyTypes: []types.KeyAlgorithm{types.KeyAlgorithmEcPrime256v1}}})
	if err != nil || len(list.CertificateSummaryList) != 1 || !*list.CertificateSummaryList[0].InUse {
		t.Fatalf("certificates %v %v", list, err)
	}
	serial := func() string {
		s.client.CloseIdleConnections()
		return s.get(t, s.url()).TLS.PeerCertificates[0].SerialNumber.String()
	}
	before := serial()
	if _, err := c.RenewCertificate(t.Context(), &acm.RenewCertificateInput{CertificateArn: list.CertificateSummaryList[0].CertificateArn}); err != nil {
		t.Fatal(err)
	}
	regiontest.Await(t, "clients see the renewed certificate", func() bool { return serial() != before })
}

// browser opens the page in Chromium, which believes the authority because `apex
// trust` put it into its store, and no setting of ours lets it pass over an
// error. The socket lives through a change of the certificate.
func (s site) browser(t *testing.T) {
	for _, need := range []string{"chromium", "certutil"} {
		if _, err := exec.LookPath(need); err != nil {
			t.Skipf("SKIPPED: %s is not installed", need)
		}
	}
	doubting := newBrowser(t, t.TempDir())
	if err := chromedp.Do(doubting, chromedp.Navigate(s.url())); err == nil || !strings.Contains(err.Error(), "ERR_CERT_AUTHORITY_INVALID") {
		t.Errorf("a browser that trusts nobody: %v", err)
	}
	home := t.TempDir()
	s.Apex(t, "trust", "--only", "browser", "--nss", filepath.Join(home, ".pki", "nssdb"))
	ctx := newBrowser(t, home)
	err := chromedp.Do(ctx,
		chromedp.Navigate(s.url()),
		logged("echo: first"),
		chromedp.Evaluate[chromedp.Void](`say("second")`), logged("echo: second"),
	)
	if err != nil {
		t.Fatal(err)
	}
	protocol, err := chromedp.Run(ctx, chromedp.Evaluate[string](`performance.getEntriesByType("navigation")[0].nextHopProtocol`))
	if err != nil || protocol != "h2" {
		t.Errorf("the page came over %q: %v", protocol, err)
	}
	s.renew(t)
	if err := chromedp.Do(ctx, chromedp.Evaluate[chromedp.Void](`say("third")`), logged("echo: third")); err != nil {
		t.Error(err)
	}
}

// newBrowser starts a headless Chromium whose user has the given home.
func newBrowser(t *testing.T, home string) context.Context {
	t.Helper()
	options := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.NoSandbox, chromedp.DisableGPU, chromedp.NoFirstRun, chromedp.UserDataDir(t.TempDir()), chromedp.Env("HOME="+home),
		chromedp.Flag("disable-quic", true), chromedp.Flag("disable-background-networking", true),
		chromedp.Flag("disable-component-update", true), chromedp.Flag("disable-sync", true),
	)
	ctx, cancel := chromedp.NewExecAllocator(t.Context(), options...)
	t.Cleanup(cancel)
	ctx, cancel = chromedp.NewContext(ctx)
	t.Cleanup(cancel)
	ctx, cancel = context.WithTimeout(ctx, 90*time.Second)
	t.Cleanup(cancel)
	return ctx
}

// logged waits until the page has written a line.
func logged(line string) chromedp.Action[chromedp.Void] {
	return chromedp.Poll[chromedp.Void](`[...document.querySelectorAll('#log li')].some(l => l.textContent === "` + line + `")`)
}
