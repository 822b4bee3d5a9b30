package identity

import (
	"context"
	"crypto/pbkdf2"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/json"
	"net/http"
	"net/mail"
	"strings"
	"time"
)

// An Account is somebody who can sign in.
type Account struct {
	ID         string    `json:"id"`
	Email      string    `json:"email"`
	Verified   bool      `json:"verified"`
	Name       string    `json:"name"`
	Provider   string    `json:"provider"`         // password or google.com
	Google     string    `json:"google,omitempty"` // Google's own name of the account, once it was used
	DemoRole   string    `json:"demoRole,omitempty"`
	Salt       []byte    `json:"salt,omitempty"`
	Hash       []byte    `json:"hash,omitempty"`
	Created    time.Time `json:"created"`
	ValidSince time.Time `json:"validSince"` // older refresh tokens are worth nothing
}

// A DemoAccount is one that is always there.
type DemoAccount struct {
	Email    string `json:"email"`
	Password string `json:"password"`
	Name     string `json:"name"`
	Role     string `json:"role"` // in the demo workspace
}

// Demo are the accounts that the sign-in page offers in development.
var Demo = []DemoAccount{
	{"olivia@demo.example", "demo-owner", "Olivia Park", "owner"},
	{"marco@demo.example", "demo-member", "Marco Silva", "member"},
	{"vera@demo.example", "demo-viewer", "Vera Lind", "viewer"},
}

const (
	rounds      = 20_000 // few: the accounts protect nothing
	leastLength = 6
)

func hash(password string, salt []byte) []byte {
	h, err := pbkdf2.Key(sha256.New, password, salt, rounds, sha256.Size)
	if err != nil {
		panic(err) // the length is valid
	}
	return h
}

func (a *Account) setPassword(password string) error {
	if len(password) < leastLength {
		return weakPassword
	}
	a.Salt = make([]byte, 16)
	rand.Read(a.Salt)
	a.Hash = hash(password, a.Salt)
	return nil
}

func (a *Account) is(password string) bool {
	return len(a.Hash) > 0 && subtle.ConstantTimeCompare(a.Hash, hash(password, a.Salt)) == 1
}

// demo lists the demo accounts.
func (s *Service) demo(w http.ResponseWriter, _ *http.Request) {
	send(w, http.StatusOK, map[string]any{"accounts": Demo})
}

func (s *Service) ensure(ctx context.Context, d DemoAccount) error {
	a := Account{Email: d.Email, Verified: true, Name: d.Name, Provider: "password", DemoRole: d.Role}
	if err := a.setPassword(d.Password); err != nil {
		return err
	}
	if err := s.add(ctx, &a); err != nil && err != emailExists {
		return err
	}
	return nil
}

// Add makes a verified account without a password; tests sign it in by Token.
func (s *Service) Add(ctx context.Context, email, name, demoRole string) error {
	return s.add(ctx, &Account{Email: email, Verified: true, Name: name, Provider: "password", DemoRole: demoRole})
}

// add keeps a new account; its address is the first thing to be taken.
func (s *Service) add(ctx context.Context, a *Account) error {
	address, err := clean(a.Email)
	if err != nil {
		return err
	}
	a.ID, a.Email, a.Created = rand.Text(), address, s.now().UTC()
	added, err := s.store.Add(ctx, kindEmail, address, []byte(a.ID), forever)
	if err == nil && !added {
		err = emailExists
	}
	if err != nil {
		return err
	}
	return s.put(ctx, *a)
}

func (s *Service) put(ctx context.Context, a Account) error {
	encoded, err := json.Marshal(a)
	if err != nil {
		return err
	}
	return s.store.Put(ctx, kindAccount, a.ID, encoded)
}

func (s *Service) account(ctx context.Context, id string) (a Account, ok bool, err error) {
	encoded, ok, err := s.store.Get(ctx, kindAccount, id)
	if err != nil || !ok {
		return a, false, err
	}
	return a, true, json.Unmarshal(encoded, &a)
}

func (s *Service) byEmail(ctx context.Context, email string) (Account, bool, error) {
	id, ok, err := s.store.Get(ctx, kindEmail, strings.ToLower(strings.TrimSpace(email)))
	if err != nil || !ok {
		return Account{}, false, err
	}
	return s.account(ctx, string(id))
}

func clean(email string) (string, error) {
	if email == "" {
		return "", missingEmail
	}
	address := strings.ToLower(strings.TrimSpace(email))
	parsed, err := mail.ParseAddress(address)
	if err != nil || parsed.Address != address || len(address) > 254 {
		return "", invalidEmail
	}
	return address, nil
}
