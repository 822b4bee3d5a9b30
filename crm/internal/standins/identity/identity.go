// Package identity is a stand-in for Firebase Authentication, for development
// and demonstrations on machines without a network. It speaks the part of the
// Identity Toolkit's REST API that the studio uses, keeps accounts of its own,
// and really signs its tokens: RS256 with keys that rotate, whose certificates
// it publishes as Google does. So the server verifies them with the very code
// that verifies Google's; only the certificates' address differs.
//
// It is not for production: it sends no mail, plays a Google that believes who
// people say they are, and has accounts whose passwords everybody knows. A server
// in production refuses to be pointed at it.
package identity

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"time"
)

// Project is the Firebase project that the stand-in plays unless told otherwise.
const Project = "demo-apexai"

// CertificatesAt is the path of the certificates, where all stand-ins are
// behind one listener.
const CertificatesAt = "/standins/identity" + certificatesPath

const certificatesPath = "/robot/v1/metadata/x509/securetoken@system.gserviceaccount.com"

// Options say how the stand-in is set up.
type Options struct {
	Project     string           // "" is Project
	Store       Store            // nil: accounts live as long as the process
	RotateEvery time.Duration    // how long a key signs; 0 is a day
	Now         func() time.Time // nil is time.Now
	Log         *slog.Logger     // nil logs nothing
}

// A Service is one stand-in.
type Service struct {
	project string
	store   Store
	ring    *ring
	now     func() time.Time
	log     *slog.Logger
}

// New makes a stand-in and its demo accounts.
func New(ctx context.Context, o Options) (*Service, error) {
	s := &Service{project: o.Project, store: o.Store, now: o.Now, log: o.Log}
	if s.project == "" {
		s.project = Project
	}
	if s.store == nil {
		s.store = NewMemory()
	}
	if s.now == nil {
		s.now = time.Now
	}
	if s.log == nil {
		s.log = slog.New(slog.DiscardHandler)
	}
	if o.RotateEvery == 0 {
		o.RotateEvery = 24 * time.Hour
	}
	s.ring = &ring{store: s.store, every: o.RotateEvery, now: s.now}
	for _, d := range Demo {
		if err := s.ensure(ctx, d); err != nil {
			return nil, fmt.Errorf("demo account %s: %w", d.Email, err)
		}
	}
	return s, nil
}

// Handler serves the stand-in below base, such as "/standins/identity". The
// paths with a host in front are those of Firebase's own emulator, so that
// its client libraries can be pointed here too.
func (s *Service) Handler(base string) http.Handler {
	mux := http.NewServeMux()
	for _, at := range []string{"/v1", "/identitytoolkit.googleapis.com/v1"} {
		for name, fn := range map[string]func(context.Context, call) (any, error){
			"signUp": s.signUp, "signInWithPassword": s.signInWithPassword,
			"createAuthUri": s.createAuthURI(base), "signInWithIdp": s.signInWithIdp,
			"lookup": s.lookup, "update": s.update, "delete": s.delete,
			"sendOobCode": s.sendCode, "resetPassword": s.resetPassword,
		} {
			mux.Handle("POST "+base+at+"/accounts:"+name, operation(fn))
		}
	}
	mux.HandleFunc("POST "+base+"/v1/token", s.refresh)
	mux.HandleFunc("POST "+base+"/securetoken.googleapis.com/v1/token", s.refresh)
	mux.HandleFunc("GET "+base+certificatesPath, s.certificates)
	mux.HandleFunc("GET "+base+"/demo", s.demo)
	mux.HandleFunc("GET "+base+"/google", s.choose)
	mux.HandleFunc("POST "+base+"/google", s.chosen)
	return anywhere(mux)
}

// anywhere lets pages of any origin call, as the real service does.
func anywhere(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Access-Control-Allow-Origin", "*")
		h.Set("X-Stand-In", "identity")
		if r.Method == http.MethodOptions {
			h.Set("Access-Control-Allow-Methods", "GET, POST")
			h.Set("Access-Control-Allow-Headers", "*")
			h.Set("Access-Control-Max-Age", "3600")
			w.WriteHeader(http.StatusNoContent)
			return
		}
		next.ServeHTTP(w, r)
	})
}
