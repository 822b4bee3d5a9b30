package config

import (
	"encoding/json"
	"errors"
	"net/url"
	"slices"
	"strings"
)

// Firebase says whose ID tokens sign people in. Without a project there is
// no way to sign in.
type Firebase struct {
	Project  string
	APIKey   string // of the web app: it names the project to Google, and is no secret
	AuthURL  string // of the Identity Toolkit's REST API, for browsers
	CertsURL string // of the certificates that the tokens are signed by
	DemoURL  string // of the stand-in's demo accounts, in development
	// Providers are the ways that the project has switched on: password, google.com.
	Providers []string
}

// Limits are how often callers may come; 0: as often as they like.
type Limits struct {
	User   int // requests a second of a user
	Key    int // requests a second of an API key
	SignIn int // sign-ins a minute from a network
}

// Where Google has its parts of the sign-in.
const (
	googleAuth  = "https://identitytoolkit.googleapis.com/v1"
	googleCerts = "https://www.googleapis.com/robot/v1/metadata/x509/securetoken@system.gserviceaccount.com"
)

// emulators are the variables that make Google's own libraries take unsigned
// tokens. The server does not read them; one who sets them believes otherwise.
var emulators = []string{"FIREBASE_AUTH_EMULATOR_HOST", "FIREBASE_EMULATOR_HUB", "FIRESTORE_EMULATOR_HOST", "FIREBASE_DATABASE_EMULATOR_HOST", "FIREBASE_STORAGE_EMULATOR_HOST"}

func (r *reader) firebase(e Environment) Firebase {
	f := Firebase{
		Project: r.text("FIREBASE_PROJECT_ID", r.project("FIREBASE_CONFIG")), APIKey: r.text("FIREBASE_API_KEY", ""),
		AuthURL:  strings.TrimRight(r.outside("FIREBASE_AUTH_URL", googleAuth, e), "/"),
		CertsURL: r.outside("FIREBASE_CERTS_URL", googleCerts, e),
	}
	f.Providers = r.providers("FIREBASE_PROVIDERS")
	if strings.HasPrefix(f.CertsURL, "/") {
		r.fault("FIREBASE_CERTS_URL", "is a path, and the server has nothing before it")
	}
	if e == Production {
		for _, name := range emulators {
			if r.text(name, "") != "" {
				r.fault(name, "is for development only: it stands for tokens that nobody signed")
			}
		}
		if strings.HasPrefix(f.Project, "demo-") {
			r.fault("FIREBASE_PROJECT_ID", "%q is a project of an emulator or stand-in, for development only", f.Project)
		}
	}
	if before, ok := strings.CutSuffix(f.AuthURL, "/standins/identity/v1"); ok {
		f.DemoURL = before + "/standins/identity/demo"
	}
	return f
}

// providers are ways to sign in that the studio knows to offer.
func (r *reader) providers(name string) (all []string) {
	for v := range strings.SplitSeq(r.text(name, "password,google.com"), ",") {
		v = strings.TrimSpace(v)
		if v != "password" && v != "google.com" {
			r.fault(name, "%q is not password or google.com", v)
			continue
		}
		if !slices.Contains(all, v) {
			all = append(all, v)
		}
	}
	return all
}

// project takes the project's id from a service account's JSON.
func (r *reader) project(name string) string {
	v := r.text(name, "")
	if v == "" {
		return ""
	}
	var account struct {
		ProjectID string `json:"project_id"`
	}
	if json.Unmarshal([]byte(v), &account) != nil {
		r.fault(name, "is not the JSON of a service account") // never echoed: it holds a private key
	}
	return account.ProjectID
}

// outside is the URL of a service that is not ours. In production it is
// reached over TLS, and is neither on this host nor a stand-in. In
// development it may be a path, for browsers that come through one router.
func (r *reader) outside(name, otherwise string, e Environment) string {
	v := r.text(name, otherwise)
	u, err := url.Parse(v)
	path := err == nil && u.Host == "" && u.Scheme == "" && strings.HasPrefix(u.Path, "/")
	switch {
	case err != nil || !path && (u.Host == "" || u.Scheme != "https" && u.Scheme != "http"):
		r.fault(name, "is not an http:// or https:// URL")
	case e == Production && (path || u.Scheme != "https" || local(u.Hostname()) || strings.Contains(u.Path, "/standins/")):
		r.fault(name, "is for development only: want https:// at a host that is not this one")
	}
	return v
}

// publicURL is where browsers find the studio; nil if nobody says.
func (r *reader) publicURL(e Environment) *url.URL {
	v := r.text("PUBLIC_URL", "")
	if v == "" {
		return nil
	}
	u, err := url.Parse(v)
	switch {
	case err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http":
		r.fault("PUBLIC_URL", "is not an http:// or https:// URL")
	case e == Production && (u.Scheme != "https" || local(u.Hostname())):
		r.fault("PUBLIC_URL", "is for development only: want https:// at a host that is not this one")
	}
	return u
}

func (r *reader) limits() Limits {
	return Limits{
		User:   r.integer("RATE_USER", 20, 0, 100_000),
		Key:    r.integer("RATE_KEY", 10, 0, 100_000),
		SignIn: r.integer("RATE_SIGN_IN", 30, 0, 100_000),
	}
}

// Studio is what the studio's server is told.
type Studio struct {
	Serving
	Origins []string // beside its own, that its pages may call
}

// LoadStudio reads the settings of the studio.
func LoadStudio(get func(string) string) (Studio, error) {
	r := reader{get: get}
	s := Studio{Serving: r.serving()}
	e := Environment(r.oneOf("APP_ENV", string(Production), string(Development), string(Production)))
	if u, err := url.Parse(r.outside("FIREBASE_AUTH_URL", googleAuth, e)); err == nil && u.Host != "" {
		s.Origins = []string{u.Scheme + "://" + u.Host}
	}
	return s, errors.Join(r.faults...)
}
