package identity

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"
)

type object = map[string]any

// standIn is a service behind HTTP with a clock of the test's own.
type standIn struct {
	t   *testing.T
	s   *Service
	url string
	now time.Time
}

func start(t *testing.T) *standIn {
	t.Helper()
	in := &standIn{t: t, now: time.Now()}
	var err error
	if in.s, err = New(t.Context(), Options{Now: func() time.Time { return in.now }}); err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(in.s.Handler("/standins/identity"))
	t.Cleanup(server.Close)
	in.url = server.URL + "/standins/identity"
	return in
}

// do calls accounts:name and returns the answer, or the error's message.
func (in *standIn) do(name string, body object) (object, string) {
	in.t.Helper()
	encoded, _ := json.Marshal(body)
	r, err := http.Post(in.url+"/v1/accounts:"+name+"?key=any", "application/json", bytes.NewReader(encoded))
	return in.read(r, err)
}

func (in *standIn) read(r *http.Response, err error) (object, string) {
	in.t.Helper()
	if err != nil {
		in.t.Fatal(err)
	}
	defer r.Body.Close()
	var answer object
	if err := json.NewDecoder(r.Body).Decode(&answer); err != nil {
		in.t.Fatal(err)
	}
	if fault, ok := answer["error"].(object); ok {
		return nil, fault["message"].(string)
	}
	return answer, ""
}

func (in *standIn) ok(name string, body object) object {
	in.t.Helper()
	answer, fault := in.do(name, body)
	if fault != "" {
		in.t.Fatalf("%s: %s", name, fault)
	}
	return answer
}

func TestAccounts(t *testing.T) {
	in := start(t)
	made := in.ok("signUp", object{"email": "Ada@Example.com", "password": "analytical", "displayName": "Ada", "returnSecureToken": true})
	if made["email"] != "ada@example.com" || made["idToken"] == "" || made["expiresIn"] != "3600" {
		t.Errorf("signed up: %v", made)
	}
	back := in.ok("signInWithPassword", object{"email": "ada@example.com", "password": "analytical"})
	if back["localId"] != made["localId"] {
		t.Errorf("signed in as %v, was %v", back["localId"], made["localId"])
	}
	who := in.ok("lookup", object{"idToken": back["idToken"]})["users"].([]any)[0].(object)
	if who["email"] != "ada@example.com" || who["emailVerified"] != false || who["displayName"] != "Ada" {
		t.Errorf("lookup: %v", who)
	}
	in.ok("update", object{"idToken": back["idToken"], "displayName": "Ada L.", "password": "differential"})
	if _, fault := in.do("signInWithPassword", object{"email": "ada@example.com", "password": "analytical"}); fault != string(badCredentials) {
		t.Errorf("the old password: %q", fault)
	}
	in.ok("delete", object{"idToken": in.ok("signInWithPassword", object{"email": "ada@example.com", "password": "differential"})["idToken"]})
	in.ok("signUp", object{"email": "ada@example.com", "password": "again and again"})
}

func TestRefusals(t *testing.T) {
	in := start(t)
	for _, tt := range []struct {
		name string
		body object
		want refusal
	}{
		{"signUp", object{}, notAllowed},
		{"signUp", object{"email": "a@b.example"}, noPassword},
		{"signUp", object{"email": "nobody", "password": "long enough"}, invalidEmail},
		{"signUp", object{"email": "a@b.example", "password": "short"}, weakPassword},
		{"signUp", object{"email": Demo[0].Email, "password": "long enough"}, emailExists},
		{"signInWithPassword", object{"email": Demo[0].Email, "password": "wrong"}, badCredentials},
		{"signInWithPassword", object{"email": "unknown@b.example", "password": "wrong"}, badCredentials},
		{"signInWithIdp", object{"postBody": `id_token={"sub":"1","email":"a@b.example"}&providerId=google.com`, "requestUri": "http://localhost"}, badIdp},
		{"signInWithIdp", object{"requestUri": "https://crm.example/login?state=guess&code=guess", "sessionId": "guess"}, badIdp},
		{"createAuthUri", object{"providerId": "apple.com", "continueUri": "https://crm.example/login"}, notAllowed},
		{"createAuthUri", object{"providerId": google}, missingContinue},
		{"createAuthUri", object{"providerId": google, "continueUri": "/login"}, badContinue},
		{"createAuthUri", object{"providerId": google, "continueUri": "javascript:alert(1)"}, badContinue},
		{"lookup", object{"idToken": "a.b.c"}, badToken},
		{"update", object{"idToken": ""}, badToken},
		{"sendOobCode", object{"requestType": "OTHER"}, badRequestType},
		{"resetPassword", object{"oobCode": "guess", "newPassword": "long enough"}, badCode},
	} {
		if _, fault := in.do(tt.name, tt.body); fault != string(tt.want) {
			t.Errorf("%s %v: %q, want %q", tt.name, tt.body, fault, tt.want)
		}
	}
}

func TestCodes(t *testing.T) {
	in := start(t)
	made := in.ok("signUp", object{"email": "ada@example.com", "password": "analytical"})
	code := func(body object) string {
		t.Helper()
		body["continueUrl"] = "https://crm.example/login?x=1"
		link, err := url.Parse(in.ok("sendOobCode", body)["oobLink"].(string))
		if err != nil || link.Host != "crm.example" {
			t.Fatal(link, err)
		}
		return link.Query().Get("oobCode")
	}
	in.ok("update", object{"oobCode": code(object{"requestType": verifyEmail, "idToken": made["idToken"]})})
	if a, _, _ := in.s.byEmail(t.Context(), "ada@example.com"); !a.Verified {
		t.Error("the address is not verified")
	}
	reset := code(object{"requestType": passwordReset, "email": "ada@example.com"})
	if in.ok("resetPassword", object{"oobCode": reset})["email"] != "ada@example.com" {
		t.Error("the code is not hers")
	}
	in.now = in.now.Add(2 * time.Second)
	in.ok("resetPassword", object{"oobCode": reset, "newPassword": "differential"})
	if _, fault := in.do("resetPassword", object{"oobCode": reset, "newPassword": "once more"}); fault != string(badCode) {
		t.Errorf("a code twice: %q", fault)
	}
	in.ok("signInWithPassword", object{"email": "ada@example.com", "password": "differential"})
	if answer := in.ok("sendOobCode", object{"requestType": passwordReset, "email": "unknown@example.com"}); answer["oobLink"] != nil {
		t.Error("an unknown address gets a code")
	}
	if _, fault := in.read(http.PostForm(in.url+"/v1/token", url.Values{"grant_type": {"refresh_token"}, "refresh_token": {made["refreshToken"].(string)}})); fault != string(expiredToken) {
		t.Errorf("a refresh token from before the reset: %q", fault)
	}
}

func TestRefresh(t *testing.T) {
	in := start(t)
	made := in.ok("signUp", object{"email": "ada@example.com", "password": "analytical"})
	in.now = in.now.Add(2 * tokenLasts)
	if _, fault := in.do("lookup", object{"idToken": made["idToken"]}); fault != string(expiredToken) {
		t.Errorf("an old token: %q", fault)
	}
	fresh, fault := in.read(http.PostForm(in.url+"/v1/token", url.Values{"grant_type": {"refresh_token"}, "refresh_token": {made["refreshToken"].(string)}}))
	if fault != "" || fresh["user_id"] != made["localId"] {
		t.Fatal(fresh, fault)
	}
	in.ok("lookup", object{"idToken": fresh["id_token"]})
}

func TestKeysRotate(t *testing.T) {
	in := start(t)
	first, err := in.s.Token(t.Context(), Demo[0].Email)
	if err != nil {
		t.Fatal(err)
	}
	in.now = in.now.Add(30 * time.Minute)
	if err := in.s.Rotate(t.Context()); err != nil {
		t.Fatal(err)
	}
	second, err := in.s.Token(t.Context(), Demo[0].Email)
	if err != nil || strings.Split(first, ".")[0] == strings.Split(second, ".")[0] {
		t.Errorf("the key is the same (%v)", err)
	}
	for _, token := range []string{first, second} {
		in.ok("lookup", object{"idToken": token})
	}
	r, err := http.Get(in.url + "/robot/v1/metadata/x509/securetoken@system.gserviceaccount.com")
	if err != nil {
		t.Fatal(err)
	}
	defer r.Body.Close()
	var all map[string]string
	if err := json.NewDecoder(r.Body).Decode(&all); err != nil || len(all) != 2 || !strings.Contains(r.Header.Get("Cache-Control"), "max-age=300") {
		t.Errorf("%d certificates, %q, %v", len(all), r.Header.Get("Cache-Control"), err)
	}
	for id, text := range all {
		if !strings.HasPrefix(text, "-----BEGIN CERTIFICATE-----") {
			t.Errorf("%s: %q", id, text)
		}
	}
}
