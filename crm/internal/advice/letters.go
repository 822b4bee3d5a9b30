package advice

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"encoding/binary"
	"net/http"
	"strings"

	"apexai/crm/internal/id"
	"apexai/crm/internal/tenant"
)

// lettersAt is where the links in weekly mails lead, behind the public URL.
const lettersAt = "/api/weekly/"

// The purpose is signed with whom a link is of: it is good for nothing else.
const purpose = "weekly mail off"

// sign is who shall be sent no more weekly mail, as a link has it.
func sign(key []byte, r reader) string {
	body := append(binary.BigEndian.AppendUint32(nil, r.workspace), r.user[:]...)
	return base64.RawURLEncoding.EncodeToString(append(body, mac(key, body)...))
}

func mac(key, body []byte) []byte {
	h := hmac.New(sha256.New, key)
	h.Write([]byte(purpose + "\x00"))
	h.Write(body)
	return h.Sum(nil)[:16]
}

// signed reads a link; ok is false if it was not made by sign.
func signed(key []byte, token string) (r reader, ok bool) {
	all, err := base64.RawURLEncoding.Strict().DecodeString(token)
	if err != nil || len(all) != 4+len(id.ID{})+16 {
		return r, false
	}
	body, sum := all[:len(all)-16], all[len(all)-16:]
	if !hmac.Equal(sum, mac(key, body)) {
		return r, false
	}
	r.workspace = binary.BigEndian.Uint32(body)
	copy(r.user[:], body[4:])
	return r, true
}

// link is what a weekly mail ends with.
func (a Adviser) link(key []byte, r reader) string {
	if a.PublicURL == nil {
		return "Settings › Profile switches this mail off."
	}
	return "No more of these: " + strings.TrimSuffix(a.PublicURL.String(), "/") + lettersAt + sign(key, r)
}

//go:embed letters.html
var letters string

//go:embed letters.css
var lettersStyle string

// Letters serves what the links in weekly mails lead to, to whoever has one: a
// page that asks, as programs open links too, and what its button does.
// silence has a member be sent no more of them.
func (a Adviser) Letters(silence func(context.Context, tenant.Tenant) error) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET "+lettersAt+"letters.css", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/css; charset=utf-8")
		w.Write([]byte(lettersStyle)) // the asker may be gone
	})
	mux.HandleFunc(lettersAt+"{token}", func(w http.ResponseWriter, r *http.Request) {
		key, err := a.Secret(r.Context(), purpose)
		if err != nil {
			page(w, http.StatusServiceUnavailable, "This cannot be done now", "Try again in a minute.", true)
			return
		}
		who, ok := signed(key, r.PathValue("token"))
		switch {
		case !ok:
			page(w, http.StatusNotFound, "This link is not whole", "Copy all of it from the mail, or switch the mail off under Settings › Profile.", false)
		case r.Method != http.MethodPost:
			page(w, http.StatusOK, "No more weekly mail?", "What your week brought is still among the notifications.", true)
		default:
			if err := silence(r.Context(), tenant.Tenant{Workspace: who.workspace, User: who.user}); err != nil {
				page(w, http.StatusServiceUnavailable, "This cannot be done now", "Try again in a minute.", true)
				return
			}
			page(w, http.StatusOK, "No more weekly mail", "Settings › Profile has it back.", false)
		}
	})
	return mux
}

// page writes one of the pages, all of whose words are ours; ask gives it the
// button.
func page(w http.ResponseWriter, status int, title, text string, ask bool) {
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Cache-Control", "no-store")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Content-Security-Policy", "default-src 'none'; style-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'")
	w.WriteHeader(status)
	button := ""
	if ask {
		button = `<form method="post"><button>Stop the weekly mail</button></form>`
	}
	w.Write([]byte(strings.NewReplacer("{title}", title, "{text}", text, "{button}", button).Replace(letters))) // the asker may be gone
}
