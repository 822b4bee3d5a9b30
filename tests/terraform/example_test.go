package terraform

import (
	"crypto/tls"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/acm"
	"github.com/aws/aws-sdk-go-v2/service/ecr"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	"github.com/aws/aws-sdk-go-v2/service/rds"

	"apex/internal/image"
	"apex/internal/regiontest"
)

const (
	exampleFolder = "../../examples/terraform"
	crmFolder     = "../../crm"
)

// TestExampleDev is the whole life of the example, as its README tells it.
func TestExampleDev(t *testing.T) {
	w, r := example(t, "dev")
	w.create(t)
	serves(t, fmt.Sprintf("http://127.0.0.1:%d", r.Home.HTTPPort), http.StatusNotImplemented)
	w.refresh(t)
	w.write(t, "update.tfvars", exampleUpdate)
	w.update(t)
	serves(t, fmt.Sprintf("http://127.0.0.1:%d", r.Home.HTTPPort), http.StatusNotImplemented)
	w.destroy(t)
	nothingLeft(t, r)
}

// TestExampleProduction has HTTPS, a standby, a NAT gateway in each zone, and
// protection that must be taken off before all of it may go.
func TestExampleProduction(t *testing.T) {
	w, r := example(t, "production")
	certificate, key := selfSigned(t, "crm.example.com")
	imported, err := acm.NewFromConfig(r.AWS(t)).ImportCertificate(t.Context(), &acm.ImportCertificateInput{Certificate: certificate, PrivateKey: key})
	if err != nil {
		t.Fatal(err)
	}
	w.vars = append(w.vars, "-var=certificate_arn="+*imported.CertificateArn)
	w.create(t)
	serves(t, fmt.Sprintf("https://127.0.0.1:%d", r.Home.HTTPSPort), http.StatusNotImplemented)
	redirects(t, fmt.Sprintf("http://127.0.0.1:%d/people", r.Home.HTTPPort))
	w.refresh(t)
	refusesToGo(t, r)
	w.write(t, "update.tfvars", exampleUpdate+"deletion_protection = false\n")
	w.update(t)
	w.destroy(t)
	if _, err := acm.NewFromConfig(r.AWS(t)).DeleteCertificate(t.Context(), &acm.DeleteCertificateInput{CertificateArn: imported.CertificateArn}); err != nil {
		t.Fatal(err)
	}
	nothingLeft(t, r)
}

// refusesToGo holds that the database and the balancer are protected.
func refusesToGo(t *testing.T, r *regiontest.Region) {
	t.Helper()
	_, err := rds.NewFromConfig(r.AWS(t)).DeleteDBInstance(t.Context(), &rds.DeleteDBInstanceInput{
		DBInstanceIdentifier: aws.String("apexai-crm-production"), SkipFinalSnapshot: aws.Bool(true),
	})
	if err == nil || !strings.Contains(err.Error(), "InvalidParameterCombination") {
		t.Errorf("deleting a protected database: %v", err)
	}
	balancers := elasticloadbalancingv2.NewFromConfig(r.AWS(t))
	all, err := balancers.DescribeLoadBalancers(t.Context(), &elasticloadbalancingv2.DescribeLoadBalancersInput{})
	if err != nil {
		t.Fatal(err)
	}
	_, err = balancers.DeleteLoadBalancer(t.Context(), &elasticloadbalancingv2.DeleteLoadBalancerInput{LoadBalancerArn: all.LoadBalancers[0].LoadBalancerArn})
	if err == nil || !strings.Contains(err.Error(), "OperationNotPermitted") {
		t.Errorf("deleting a protected load balancer: %v", err)
	}
}

// exampleUpdate changes what an owner changes in an ordinary week.
const exampleUpdate = `# replaces: aws_ecs_task_definition
services = {
  server = { cpu = 1024, memory = 2048, maximum = 8 }
  studio = { cpu = 256, memory = 512, maximum = 6 }
}
log_retention_days = 14
extra_tags         = { CostCenter = "42" }
`

// example makes a workspace of the example in a region of its own, in which both
// images are pushed.
func example(t *testing.T, environment string) (*workspace, *regiontest.Region) {
	t.Helper()
	needTools(t)
	turn(t, stories)
	r := regiontest.Start(t)
	w := newWorkspace(t, r, exampleFolder, ".")
	w.vars = []string{"-var-file=environments/" + environment + ".tfvars"}
	w.changing(t, "apply", "-target=module.registry")
	w.push(t, r)
	return w, r
}

func (w *workspace) write(t *testing.T, name, text string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(w.dir, name), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// push builds the CRM's programs and pushes them to the repositories that
// Terraform made.
func (w *workspace) push(t testing.TB, r *regiontest.Region) {
	t.Helper()
	var urls map[string]string
	if err := json.Unmarshal([]byte(w.must(t, "output", "-json", "repository_urls")), &urls); err != nil {
		t.Fatal(err)
	}
	out, err := ecr.NewFromConfig(r.AWS(t)).GetAuthorizationToken(t.Context(), &ecr.GetAuthorizationTokenInput{})
	if err != nil {
		t.Fatal(err)
	}
	token, err := base64.StdEncoding.DecodeString(*out.AuthorizationData[0].AuthorizationToken)
	if err != nil {
		t.Fatal(err)
	}
	user, password, _ := strings.Cut(string(token), ":")
	cache, _ := os.UserCacheDir()
	for service, url := range urls {
		img, err := image.BuildGo(t.Context(), image.BuildOptions{Dir: crmFolder, Package: "./cmd/" + service, Cache: filepath.Join(cache, "apex", "build")})
		if err != nil {
			t.Fatal(err)
		}
		if err := image.Push(t.Context(), img, url+":latest", image.Auth{User: user, Password: password}); err != nil {
			t.Fatal(err)
		}
	}
}

// browser believes every certificate and follows no redirect.
var browser = &http.Client{
	Timeout:       30 * time.Second,
	Transport:     &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}},
	CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
}

// serves holds that the balancer leads to the studio's pages, and to the API with
// its database and cache behind it.
func serves(t *testing.T, url string, signIn int) {
	t.Helper()
	for _, call := range []struct {
		method, path, body, kind string
		status                   int
	}{
		{"GET", "/", "", "text/html", http.StatusOK},
		{"GET", "/people", "", "text/html", http.StatusOK},
		{"GET", "/api/v1/people", "", "application/", http.StatusUnauthorized},
		{"POST", "/api/v1/auth/session", `{"idToken":"x"}`, "application/", signIn},
	} {
		req, err := http.NewRequestWithContext(t.Context(), call.method, url+call.path, strings.NewReader(call.body))
		if err != nil {
			t.Fatal(err)
		}
		if call.body != "" {
			req.Header.Set("Content-Type", "application/json")
		}
		resp, err := browser.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		body, _ := io.ReadAll(resp.Body)
		resp.Body.Close()
		if kind := resp.Header.Get("Content-Type"); resp.StatusCode != call.status || !strings.HasPrefix(kind, call.kind) {
			t.Errorf("%s %s: %d %s, want %d %s\n%.300s", call.method, call.path, resp.StatusCode, kind, call.status, call.kind, body)
		}
	}
}

// redirects holds that plain HTTP leads to HTTPS.
func redirects(t *testing.T, url string) {
	t.Helper()
	resp, err := browser.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	if to := resp.Header.Get("Location"); resp.StatusCode != http.StatusMovedPermanently || !strings.HasPrefix(to, "https://") {
		t.Errorf("%s: %d to %q, want 301 to HTTPS", url, resp.StatusCode, to)
	}
}
