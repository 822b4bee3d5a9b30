package apexai

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"os"
	"strings"
	"testing"
	"time"

	"apex/internal/regiontest"
)

// A stack is a region with ApexAI up in it.
type stack struct {
	*regiontest.Region
}

// up starts a region of its own and brings ApexAI up.
func up(t *testing.T) stack {
	t.Helper()
	s := stack{regiontest.New(t)}
	s.Apex(t, "up")
	return s
}

// TestMain lets one stack serve all tests of a story that do not end it.
func TestMain(m *testing.M) { os.Exit(m.Run()) }

func (s stack) url(path string) string {
	return fmt.Sprintf("http://127.0.0.1:%d%s", s.Home.HTTPPort, path)
}

// A serviceStatus is a service in `apex status --output json`.
type serviceStatus struct {
	Desired, Running, Healthy int
	Zones                     []string
}

type status struct {
	Region   struct{ PID int }
	URLs     map[string]string
	Services map[string]serviceStatus
}

func (s stack) status(t *testing.T) status {
	t.Helper()
	var st status
	out := s.Apex(t, "status", "--output", "json")
	if err := json.Unmarshal([]byte(out), &st); err != nil {
		t.Fatalf("status: %v\n%s", err, out)
	}
	return st
}

// settled waits until every service has all its tasks healthy, and those of two
// in both zones.
func (s stack) settled(t *testing.T) {
	t.Helper()
	regiontest.Await(t, "both services have two healthy tasks in two zones", func() bool {
		services := s.status(t).Services
		for _, name := range []string{"server", "studio"} {
			v := services[name]
			if v.Desired != 2 || v.Running != 2 || v.Healthy != 2 || len(v.Zones) != 2 {
				return false
			}
		}
		standins := services["standins"]
		return standins.Running == 1 && standins.Healthy == 1
	})
}

// get returns the status and body of one request.
func get(t *testing.T, url string) (int, http.Header, string) {
	t.Helper()
	resp, err := client.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, resp.Header, string(body)
}

var client = &http.Client{Timeout: 30 * time.Second}

// A person is a session with the CRM's API.
type person struct {
	stack
	http *http.Client
}

// signIn signs the owner of the demo workspace in, as the studio does: with a
// token of the stack's stand-in for Firebase.
func (s stack) signIn(t *testing.T) person {
	t.Helper()
	return s.signInAs(t, "olivia", "owner")
}

func (s stack) signInAs(t *testing.T, name, role string) person {
	t.Helper()
	jar, _ := cookiejar.New(nil)
	p := person{s, &http.Client{Timeout: 30 * time.Second, Jar: jar}}
	out := p.do(t, "POST", "/standins/identity/v1/accounts:signInWithPassword?key=x", `{"email":"`+name+`@demo.example","password":"demo-`+role+`","returnSecureToken":true}`)
	var token struct{ IDToken string }
	if err := json.Unmarshal([]byte(out), &token); err != nil {
		t.Fatal(err)
	}
	p.do(t, "POST", "/api/v1/auth/session", `{"idToken":"`+token.IDToken+`"}`)
	return p
}

// do makes a call that must succeed.
func (p person) do(t *testing.T, method, path, body string) string {
	t.Helper()
	code, out, err := p.try(method, path, body)
	if err != nil || code >= 300 {
		t.Fatalf("%s %s: %d %v\n%s", method, path, code, err, out)
	}
	return out
}

// try makes a call with headers, name and value in turn; those without a value
// are left out.
func (p person) try(method, path, body string, headers ...string) (int, string, error) {
	req, err := http.NewRequest(method, p.url(path), strings.NewReader(body))
	if err != nil {
		return 0, "", err
	}
	if body != "" {
		req.Header.Set("Content-Type", "application/json")
	}
	for i := 0; i < len(headers); i += 2 {
		if headers[i+1] != "" {
			req.Header.Set(headers[i], headers[i+1])
		}
	}
	resp, err := p.http.Do(req)
	if err != nil {
		return 0, "", err
	}
	defer resp.Body.Close()
	out, err := io.ReadAll(resp.Body)
	return resp.StatusCode, string(out), err
}
