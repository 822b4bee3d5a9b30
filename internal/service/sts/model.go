package sts

import (
	"time"

	"apex/internal/api"
	"apex/internal/store"
)

// A Session is a set of temporary credentials. Its row lies under its access
// key's id, for the account is not known before the key is found.
type Session struct {
	ID   string // "ASIA…"
	Spec SessionSpec
}

// SessionSpec is what is known of a session.
type SessionSpec struct {
	Account   string
	Principal api.Principal
	Owner     Owner
	Sealed    []byte // a secrets, sealed for the session's id
	Expires   time.Time
}

// An Owner is whose rights a session has. A session whose owner is gone opens
// nothing. Empty names stand for the account's administrator.
type Owner struct {
	User, Role string // a name; one of the two
	ID         string // the unique id, so that a namesake made later is another
}

// secrets are what the holder of a session knows.
type secrets struct{ Secret, Token string }

// Sessions are the sessions of all accounts.
var Sessions = store.NewTable("sts.sessions", func(s *Session) string { return s.ID })

// Tables returns the service's tables.
func Tables() []store.AnyTable { return []store.AnyTable{Sessions} }
