package identity

import (
	_ "embed"
	"html/template"
	"net/http"
	"net/url"
)

// chooser is the page where Google's own would ask which account to use.
//
//go:embed choose.html
var chooser string

var choosing = template.Must(template.New("choose").Parse(chooser))

// guests are the Google accounts that the page offers.
var guests = []consent{
	{Email: "grace@example.com", Name: "Grace Hopper"},
	{Email: "katherine@example.com", Name: "Katherine Johnson"},
}

// choose shows the page, if somebody was sent to it.
func (s *Service) choose(w http.ResponseWriter, r *http.Request) {
	state := r.FormValue("state")
	asked, ok, err := reveal[visit](r.Context(), s, kindVisit, state)
	if err != nil || !ok {
		http.Error(w, "This sign-in has expired. Go back, and begin again.", http.StatusBadRequest)
		return
	}
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Cache-Control", "no-store")
	h.Set("Referrer-Policy", "no-referrer")                                                                                                                         // the address has the state
	choosing.Execute(w, map[string]any{"Guests": guests, "State": state, "Cancel": answered(asked.Back, url.Values{"state": {state}, "error": {"access_denied"}})}) // the browser may be gone
}

// chosen sends the browser back with a code for the account.
func (s *Service) chosen(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, maxBody)
	state := r.PostFormValue("state")
	asked, ok, err := reveal[visit](r.Context(), s, kindVisit, state)
	email, fault := clean(r.PostFormValue("email"))
	if err != nil || !ok || fault != nil {
		http.Error(w, "This account cannot be used. Go back, and choose another.", http.StatusBadRequest)
		return
	}
	code, err := s.issue(r.Context(), kindConsent, consent{sum(state), email, r.PostFormValue("name")}, consentLasts)
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Referrer-Policy", "no-referrer")
	http.Redirect(w, r, answered(asked.Back, url.Values{"state": {state}, "code": {code}, "scope": {"email profile openid"}}), http.StatusSeeOther)
}

// answered is the address to come back to, with Google's answer in its query.
func answered(back string, with url.Values) string {
	u, err := url.Parse(back)
	if err != nil {
		return back // createAuthURI has read it before
	}
	q := u.Query()
	for name, values := range with {
		q[name] = values
	}
	u.RawQuery = q.Encode()
	return u.String()
}
