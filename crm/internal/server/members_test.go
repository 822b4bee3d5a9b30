package server

import (
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"
)

// newcomer signs up by the stand-in's API, as a browser does, and signs in.
func newcomer(t *testing.T, base, email string, session object) client {
	t.Helper()
	c := browser(t, base)
	eventually(t, base+" is ready", func() bool { return c.do("GET", "/health", nil).status == 200 })
	made := client{t, shared.identityURL, c.http}.do("POST", "/standins/identity/v1/accounts:signUp?key=x", object{"email": email, "password": "long enough", "displayName": "New " + email})
	session["idToken"] = made.want(200).text("idToken")
	c.do("POST", "/api/v1/auth/session", session).want(201)
	return c
}

func (c client) me() answer { c.t.Helper(); return c.do("GET", "/api/v1/auth/me", nil).want(200) }

func workspaceOf(a answer) string { return a.body["workspace"].(object)["name"].(string) }

func userOf(a answer) string { return a.body["user"].(object)["id"].(string) }

func TestNewcomersHaveAWorkspaceOfTheirOwn(t *testing.T) {
	c := newcomer(t, shared.crm.url, "first@new.example", object{})
	me := c.me()
	if workspaceOf(me) != "New first@new.example’s workspace" || me.text("role") != "owner" || me.body["emailVerified"] != false {
		t.Errorf("me: %s", me.raw)
	}
	w := c.do("GET", "/api/v1/workspace", nil).want(200)
	c.do("PATCH", "/api/v1/workspace", object{"name": "Acme"}).want(428)
	c.do("PATCH", "/api/v1/workspace", object{"name": " "}, "If-Match: "+w.etag()).want(422)
	c.do("PATCH", "/api/v1/workspace", object{"name": "Acme"}, "If-Match: "+w.etag()).want(200)
	c.do("PATCH", "/api/v1/workspace", object{"name": "Late"}, "If-Match: "+w.etag()).want(412)
	if got := workspaceOf(c.me()); got != "Acme" {
		t.Errorf("the workspace is %q", got)
	}
	c.do("POST", "/api/v1/people", object{"firstName": "In the first"}).want(201)
	second := c.do("POST", "/api/v1/workspaces", object{"name": "Second"}).want(201)
	if workspaceOf(second) != "Second" || len(c.do("GET", "/api/v1/people", nil).want(200).items()) != 0 {
		t.Errorf("the second: %s", second.raw)
	}
	if list := c.do("GET", "/api/v1/auth/workspaces", nil).want(200); len(list.items()) != 2 {
		t.Errorf("workspaces: %s", list.raw)
	}
	c.do("POST", "/api/v1/auth/workspace", object{"id": me.body["workspace"].(object)["id"]}).want(200)
	if n := len(c.do("GET", "/api/v1/people", nil).want(200).items()); n != 1 || workspaceOf(c.me()) != "Acme" {
		t.Errorf("back: %d people in %s", n, workspaceOf(c.me()))
	}
	foreign := signedIn(t).me().body["workspace"].(object)["id"]
	c.do("POST", "/api/v1/auth/workspace", object{"id": foreign}).want(404)
}

func TestInvites(t *testing.T) {
	owner := newcomer(t, shared.crm.url, "host@new.example", object{})
	token := func(i answer) string {
		t.Helper()
		_, token, ok := strings.Cut(i.want(201).text("url"), "/invite/")
		if !ok {
			t.Fatalf("no link: %s", i.raw)
		}
		return token
	}
	open := token(owner.do("POST", "/api/v1/invites", object{"role": "member"}))
	stranger := browser(t, shared.crm.url)
	if shown := stranger.do("GET", "/api/v1/invitations/"+open, nil).want(200); shown.text("role") != "member" || shown.text("inviter") != "New host@new.example" {
		t.Errorf("shown: %s", shown.raw)
	}
	stranger.do("GET", "/api/v1/invitations/"+open+"x", nil).want(404)
	stranger.do("POST", "/api/v1/invitations/"+open+"/accept", nil).want(401)
	guest := newcomer(t, shared.crm.url, "guest@new.example", object{"invite": open}) // joins, and has no workspace of its own
	if me := guest.me(); me.text("role") != "member" || len(guest.do("GET", "/api/v1/auth/workspaces", nil).items()) != 1 {
		t.Errorf("guest: %s", me.raw)
	}
	late := newcomer(t, shared.crm.url, "late@new.example", object{})
	late.do("POST", "/api/v1/invitations/"+open+"/accept", nil).want(404) // is used up

	// One for an address needs that address, verified.
	named := token(owner.do("POST", "/api/v1/invites", object{"role": "admin", "email": "Late@new.example"}))
	guest.do("POST", "/api/v1/invitations/"+named+"/accept", nil).want(403)
	if refused := late.do("POST", "/api/v1/invitations/"+named+"/accept", nil).want(403); !strings.HasSuffix(refused.text("type"), "/unverified") {
		t.Errorf("unverified: %s", refused.raw)
	}
	verifyAddress(t, late, "late@new.example")
	late.do("POST", "/api/v1/auth/session", object{"idToken": idToken(t, "late@new.example", "")}).want(201)
	late.do("POST", "/api/v1/invitations/"+named+"/accept", nil).want(200)
	if me := late.me(); me.text("role") != "admin" {
		t.Errorf("late: %s", me.raw)
	}
	gone := owner.do("POST", "/api/v1/invites", object{"role": "viewer"}).want(201)
	owner.do("DELETE", "/api/v1/invites/"+gone.text("id"), nil).want(204)
	stranger.do("GET", "/api/v1/invitations/"+token(gone), nil).want(404)
	late.do("POST", "/api/v1/invites", object{"role": "owner", "email": "x@new.example"}).want(403) // an admin makes no owners
	owner.do("POST", "/api/v1/invites", object{"role": "emperor"}).want(422)
	if list := owner.do("GET", "/api/v1/invites", nil).want(200); len(list.items()) != 0 {
		t.Errorf("left: %s", list.raw)
	}
}

// verifyAddress follows the link that the stand-in gives in place of a mail.
func verifyAddress(t *testing.T, c client, email string) {
	t.Helper()
	stand := client{t, shared.identityURL + "/standins/identity/v1", c.http}
	in := stand.do("POST", "/accounts:signInWithPassword?key=x", object{"email": email, "password": "long enough"}).want(200)
	mail := stand.do("POST", "/accounts:sendOobCode?key=x", object{"requestType": "VERIFY_EMAIL", "idToken": in.text("idToken")}).want(200)
	_, code, _ := strings.Cut(mail.text("oobLink"), "oobCode=")
	stand.do("POST", "/accounts:update?key=x", object{"oobCode": strings.Split(code, "&")[0]}).want(200)
}

func TestRolesAndTheLastOwner(t *testing.T) {
	owner := newcomer(t, shared.crm.url, "boss@roles.example", object{})
	join := func(email, role string) (client, string) {
		t.Helper()
		link := owner.do("POST", "/api/v1/invites", object{"role": role}).want(201).text("url")
		c := newcomer(t, shared.crm.url, email, object{"invite": link[strings.LastIndexByte(link, '/')+1:]})
		return c, userOf(c.me())
	}
	admin, adminID := join("admin@roles.example", "admin")
	member, memberID := join("member@roles.example", "member")
	boss := userOf(owner.me())
	role := func(c client, who, role string) answer {
		t.Helper()
		return c.do("PATCH", "/api/v1/members/"+who, object{"role": role})
	}
	role(admin, memberID, "owner").want(403)
	role(admin, boss, "member").want(403)
	admin.do("DELETE", "/api/v1/members/"+boss, nil).want(403)
	role(owner, boss, "admin").want(409) // the last one
	owner.do("DELETE", "/api/v1/members/me", nil).want(409)
	role(owner, nothing, "admin").want(404)
	member.do("POST", "/api/v1/people", object{"firstName": "Made", "ownerId": memberID}).want(201)
	role(admin, memberID, "viewer").want(200)
	member.do("POST", "/api/v1/people", object{"firstName": "Not made"}).want(403) // at once, without a new session
	role(owner, adminID, "owner").want(200)
	role(admin, boss, "member").want(200) // there is another owner now
	owner.do("GET", "/api/v1/keys", nil).want(403)
	admin.do("DELETE", "/api/v1/members/"+memberID, nil).want(204)
	member.do("GET", "/api/v1/people", nil).want(401)
	names := func(query string) (all []string) {
		for _, m := range admin.do("GET", "/api/v1/members"+query, nil).want(200).items() {
			all = append(all, m["email"].(string)+" "+m["role"].(string))
		}
		slices.Sort(all)
		return all
	}
	if got := names(""); strings.Join(got, ", ") != "admin@roles.example owner, boss@roles.example member" {
		t.Errorf("members: %v", got)
	}
	if got := names("?former=true"); !slices.Contains(got, "member@roles.example nobody") {
		t.Errorf("with the former: %v", got)
	}
	link := admin.do("POST", "/api/v1/invites", object{"role": "member"}).want(201).text("url")
	again := browser(t, shared.crm.url)
	again.do("POST", "/api/v1/auth/session", object{"idToken": idToken(t, "member@roles.example", ""), "invite": link[strings.LastIndexByte(link, '/')+1:]}).want(201)
	if me := again.me(); me.text("role") != "member" || userOf(me) != memberID {
		t.Errorf("come back: %s", me.raw)
	}
}

func TestSessionsAreListedAndEnded(t *testing.T) {
	here := signIn(t, shared.crm.url, "many@sessions.example")
	there := signIn(t, shared.crm.url, "many@sessions.example")
	third := signIn(t, shared.crm.url, "many@sessions.example")
	list := here.do("GET", "/api/v1/auth/sessions", nil).want(200)
	var current, other string
	for _, s := range list.items() {
		if s["current"] == true {
			current = s["id"].(string)
		}
	}
	for _, s := range there.do("GET", "/api/v1/auth/sessions", nil).want(200).items() {
		if s["current"] == true {
			other = s["id"].(string)
		}
	}
	if len(list.items()) != 3 || current == "" || other == current || list.items()[0]["network"] != "127.0.0.0/24" {
		t.Fatalf("sessions: %s", list.raw)
	}
	signIn(t, shared.crm.url, "else@sessions.example").do("DELETE", "/api/v1/auth/sessions/"+other, nil).want(404) // not theirs
	here.do("DELETE", "/api/v1/auth/sessions/"+other, nil).want(204)
	there.do("GET", "/api/v1/auth/me", nil).want(401)
	third.me()
	here.do("DELETE", "/api/v1/auth/sessions", nil).want(204)
	third.do("GET", "/api/v1/auth/me", nil).want(401)
	here.me()
}

func TestProfile(t *testing.T) {
	c := signIn(t, shared.crm.url, "profile@profiles.example")
	c.do("PATCH", "/api/v1/auth/me", object{"name": "Zoë", "zone": "Europe/Madrid", "locale": "es-ES"}).want(200)
	if me := c.me(); me.body["user"].(object)["name"] != "Zoë" || me.text("zone") != "Europe/Madrid" || me.text("locale") != "es-ES" {
		t.Errorf("me: %s", me.raw)
	}
	for _, bad := range []object{{"name": ""}, {"zone": "Mars/Olympus"}, {"zone": "../etc/passwd"}, {"zone": "Local"}, {"locale": "<b>"}, {"email": "new@x.example"}} {
		c.do("PATCH", "/api/v1/auth/me", bad).want(422)
	}
}

func TestKeys(t *testing.T) {
	owner := newcomer(t, shared.crm.url, "keys@keys.example", object{})
	for _, bad := range []object{
		{"name": "", "scopes": []string{"people:read"}},
		{"name": "x", "scopes": []string{}},
		{"name": "x", "scopes": []string{"people:own"}},
		{"name": "x", "scopes": []string{"keys:write"}},
		{"name": "x", "scopes": []string{"people:read"}, "expiresAt": time.Now().Add(-time.Hour)},
	} {
		owner.do("POST", "/api/v1/keys", bad).want(422)
	}
	made := owner.do("POST", "/api/v1/keys", object{"name": "Robot", "scopes": []string{"people:write", "workspace:read"}}).want(201)
	bearer := "Authorization: Bearer " + made.text("secret")
	robot := browser(t, shared.crm.url)
	person := robot.do("POST", "/api/v1/people", object{"firstName": "By robot"}, bearer).want(201)
	robot.do("GET", person.header.Get("Location"), nil, bearer).want(200) // who may write may read
	robot.do("GET", "/api/v1/companies", nil, bearer).want(403)
	robot.do("GET", "/api/v1/auth/me", nil, bearer).want(403)
	robot.do("GET", "/api/v1/people", nil, bearer+"x").want(401)
	if strings.Contains(owner.do("GET", "/api/v1/keys", nil).want(200).raw, made.text("secret")) {
		t.Error("the secret is shown again")
	}
	eventually(t, "its use is noted", func() bool {
		return owner.do("GET", "/api/v1/keys", nil).items()[0]["usedAt"] != nil
	})
	expires := time.Now().Add(3 * time.Second)
	brief := owner.do("POST", "/api/v1/keys", object{"name": "Brief", "scopes": []string{"*:read"}, "expiresAt": expires}).want(201)
	if a := robot.do("GET", "/api/v1/people", nil, "Authorization: Bearer "+brief.text("secret")); time.Now().Before(expires) {
		a.want(200) // a busy machine may come too late to see it
	}
	eventually(t, "the key expires", func() bool {
		return robot.do("GET", "/api/v1/people", nil, "Authorization: Bearer "+brief.text("secret")).status == 401
	})
	owner.do("DELETE", "/api/v1/keys/"+made.text("id"), nil).want(204)
	robot.do("GET", "/api/v1/people", nil, bearer).want(401) // at once
}

func TestRateLimits(t *testing.T) {
	s := start(t, map[string]string{"RATE_USER": "2", "RATE_SIGN_IN": "3"}, io.Discard)
	c := signIn(t, s.url, "hasty@limits.example")
	begun := time.Now()
	var refused answer
	passed := 0
	for range 400 { // as many as it takes: a slow machine asks for few a second
		if refused = c.do("GET", "/api/v1/workspace", nil); refused.status != http.StatusOK {
			break
		}
		passed++
	}
	most := 20 + 2*int(time.Since(begun).Seconds())
	if passed < 8 || passed > most || refused.status != http.StatusTooManyRequests || refused.header.Get("Retry-After") == "" || !strings.HasPrefix(refused.header.Get("RateLimit"), `"user";r=0;`) {
		t.Errorf("%d passed, at most %d may; then: %d %v", passed, most, refused.status, refused.header)
	}
	fresh := browser(t, s.url)
	for range 2 {
		fresh.do("POST", "/api/v1/auth/session", object{"idToken": "x"}).want(401)
	}
	refused = fresh.do("POST", "/api/v1/auth/session", object{"idToken": "x"}).want(429)
	if refused.header.Get("Retry-After") == "" {
		t.Errorf("%v", refused.header)
	}
}
