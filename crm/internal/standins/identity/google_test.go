package identity

import (
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"
)

// sent begins a sign-in at Google and returns its state and session.
func (in *standIn) sent() (state, session string) {
	in.t.Helper()
	answer := in.ok("createAuthUri", object{"providerId": google, "continueUri": "https://crm.example/login", "authFlowType": "CODE_FLOW"})
	there, err := url.Parse(answer["authUri"].(string))
	if err != nil || there.Path != "/standins/identity/google" {
		in.t.Fatal(there, err)
	}
	return there.Query().Get("state"), answer["sessionId"].(string)
}

// consents chooses an account on Google's page, and returns where that leads.
func (in *standIn) consents(state, email, name string) string {
	in.t.Helper()
	client := http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	r, err := client.PostForm(in.url+"/google", url.Values{"state": {state}, "email": {email}, "name": {name}})
	if err != nil {
		in.t.Fatal(err)
	}
	r.Body.Close()
	if r.StatusCode != http.StatusSeeOther {
		return ""
	}
	return r.Header.Get("Location")
}

// google signs in by way of Google.
func (in *standIn) google(email, name string) object {
	in.t.Helper()
	state, session := in.sent()
	return in.ok("signInWithIdp", object{"requestUri": in.consents(state, email, name), "sessionId": session})
}

func TestGoogle(t *testing.T) {
	in := start(t)
	made := in.google("Grace@Example.com", "Grace")
	if made["isNewUser"] != true || made["email"] != "grace@example.com" || made["emailVerified"] != true || made["providerId"] != google {
		t.Errorf("first time: %v", made)
	}
	c, err := in.s.verify(t.Context(), made["idToken"].(string))
	if err != nil || c.Firebase.Provider != google || len(c.Firebase.Identities[google]) != 1 || c.Name != "Grace" {
		t.Errorf("the token: %+v %v", c, err)
	}
	if again := in.google("grace@example.com", "Grace"); again["localId"] != made["localId"] || again["isNewUser"] != nil {
		t.Errorf("second time: %v", again)
	}
}

// An answer of Google's is good once, at the browser that asked, for the
// address where it was wanted.
func TestGooglesAnswerIsGuarded(t *testing.T) {
	in := start(t)
	state, session := in.sent()
	at := in.consents(state, "grace@example.com", "Grace")
	_, other := in.sent()
	for what, body := range map[string]object{
		"no session":        {"requestUri": at},
		"another's session": {"requestUri": at, "sessionId": other},
		"another place":     {"requestUri": strings.Replace(at, "crm.example", "evil.example", 1), "sessionId": session},
		"another state":     {"requestUri": strings.Replace(at, state, "guess", 1), "sessionId": session},
	} {
		if _, fault := in.do("signInWithIdp", body); fault != string(badIdp) {
			t.Errorf("%s: %q", what, fault)
		}
	}
	in.ok("signInWithIdp", object{"requestUri": at, "sessionId": session})
	if _, fault := in.do("signInWithIdp", object{"requestUri": at, "sessionId": session}); fault != string(badIdp) {
		t.Errorf("twice: %q", fault)
	}
	if at := in.consents("guess", "grace@example.com", "Grace"); at != "" {
		t.Errorf("a state that nobody gave leads to %s", at)
	}
}

// Whoever takes an address that is not theirs loses it to whom Google vouches for.
func TestGoogleTakesAnUnprovedAddressOver(t *testing.T) {
	in := start(t)
	squatter := in.ok("signUp", object{"email": "grace@example.com", "password": "not mine"})
	proved := in.ok("signUp", object{"email": "ada@example.com", "password": "analytical"})
	link := in.ok("sendOobCode", object{"requestType": verifyEmail, "idToken": proved["idToken"], "continueUrl": "https://crm.example/"})["oobLink"].(string)
	in.ok("update", object{"oobCode": must(url.Parse(link)).Query().Get("oobCode")})
	in.now = in.now.Add(2 * time.Second)
	in.google("grace@example.com", "Grace")
	if _, fault := in.do("signInWithPassword", object{"email": "grace@example.com", "password": "not mine"}); fault != string(badCredentials) {
		t.Errorf("the squatter's password: %q", fault)
	}
	if _, fault := in.do("lookup", object{"idToken": squatter["idToken"]}); fault != string(expiredToken) {
		t.Errorf("the squatter's token: %q", fault)
	}
	in.google("ada@example.com", "Ada")
	if back := in.ok("signInWithPassword", object{"email": "ada@example.com", "password": "analytical"}); back["localId"] != proved["localId"] {
		t.Errorf("who had proved the address: %v", back)
	}
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

func TestGooglesPage(t *testing.T) {
	in := start(t)
	state, _ := in.sent()
	read := func(state string) (int, string) {
		r, err := http.Get(in.url + "/google?state=" + url.QueryEscape(state))
		if err != nil {
			t.Fatal(err)
		}
		defer r.Body.Close()
		body, _ := io.ReadAll(r.Body)
		return r.StatusCode, string(body)
	}
	if status, page := read(state); status != 200 || !strings.Contains(page, "grace@example.com") || !strings.Contains(page, "https://crm.example/login?error=access_denied") {
		t.Errorf("%d %s", status, page)
	}
	if status, _ := read(`"><script>`); status != 400 {
		t.Errorf("a state of nobody's: %d", status)
	}
}
