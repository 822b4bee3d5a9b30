package server

import (
	"context"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"apexai/crm/internal/config"
	"apexai/crm/internal/database"
	"apexai/crm/internal/id"
	"apexai/crm/internal/session"
)

func TestSessionLifecycle(t *testing.T) {
	c := signIn(t, shared.crm.url, "life@example.com")
	me := c.do("GET", "/api/v1/auth/me", nil).want(200)
	if me.text("email") != "life@example.com" || me.body["workspace"].(object)["name"] != "Demo workspace" {
		t.Errorf("me: %s", me.raw)
	}
	cookies := c.http.Jar.Cookies(must(url.Parse(shared.crm.url)))
	c.do("DELETE", "/api/v1/auth/session", nil).want(204)
	c.do("GET", "/api/v1/auth/me", nil).want(401)
	c.http.Jar.SetCookies(must(url.Parse(shared.crm.url)), cookies)
	c.do("GET", "/api/v1/auth/me", nil).want(401) // the old cookie is worth nothing
	c.do("DELETE", "/api/v1/auth/session", nil).want(204)
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

func TestCookieIsGuarded(t *testing.T) {
	c := browser(t, shared.crm.url)
	a := c.do("POST", "/api/v1/auth/session", object{"idToken": idToken(t, "cookie@example.com", "Demo User")}).want(201)
	cookie := a.header.Get("Set-Cookie")
	for _, part := range []string{"apex_sid=", "HttpOnly", "SameSite=Lax", "Path=/"} {
		if !strings.Contains(cookie, part) {
			t.Errorf("%q is not in %q", part, cookie)
		}
	}
	if again := c.do("GET", "/api/v1/auth/me", nil).want(200); again.header.Get("Set-Cookie") != "" {
		t.Error("reading sets the cookie again")
	}
}

func TestSignInRefusals(t *testing.T) {
	c := browser(t, shared.crm.url)
	eventually(t, "the server is ready", func() bool { return c.do("GET", "/health", nil).status == 200 })
	c.do("POST", "/api/v1/auth/session", object{"idToken": "nobody"}).want(401)
	c.do("POST", "/api/v1/auth/session", object{"email": "a@b.example", "name": "by name"}).want(422)
	token := object{"idToken": idToken(t, "refused@example.com", "Demo User")}
	c.do("POST", "/api/v1/auth/session", token, "Sec-Fetch-Site: cross-site").want(403)
	c.do("POST", "/api/v1/auth/session", token, "Origin: https://evil.example").want(403)
	production := start(t, map[string]string{"APP_ENV": "production", "SMTP_URL": "", "WEBHOOK_NETWORKS": "", "FIREBASE_PROJECT_ID": "", "FIREBASE_AUTH_URL": "", "FIREBASE_CERTS_URL": ""}, io.Discard)
	p := browser(t, production.url)
	eventually(t, "production is ready", func() bool { return p.do("GET", "/health", nil).status == 200 })
	p.do("POST", "/api/v1/auth/session", token).want(501)
	if ways := p.do("GET", "/api/v1/auth/methods", nil).want(200); ways.text("authUrl") != "" || ways.text("demoUrl") != "" {
		t.Errorf("ways in: %s", ways.raw)
	}
}

// member makes a user of a role in a workspace of its own, and signs it in.
func member(t *testing.T, slug, role string) client {
	t.Helper()
	signedIn(t) // the schema is there then
	cfg := must(config.Load(func(name string) string { return settings(nil)[name] }))
	db := must(database.Open(cfg.Database, 1))
	defer db.Close()
	client := redis.NewClient(must(redis.ParseURL(shared.redis.URL)))
	defer client.Close()
	ctx, user, now := context.Background(), id.New(), time.Now().UTC()
	var workspace int64
	err := db.Update(ctx, func(ctx context.Context, q database.Queryer) (err error) {
		if workspace, err = database.InsertID(ctx, q, "INSERT INTO workspaces (slug, name, created_at) VALUES (?, ?, ?)", slug, slug, now); err != nil {
			return err
		}
		if _, err = database.Exec(ctx, q, "INSERT INTO users (id, email, name, created_at) VALUES (?, ?, ?, ?)", user, slug+"@example.com", slug, now); err != nil {
			return err
		}
		_, err = database.Exec(ctx, q, "INSERT INTO members (workspace_id, user_id, role, created_at) VALUES (?, ?, ?, ?)", workspace, user, role, now)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	token := must(session.Store{Redis: client, Now: time.Now}.Create(ctx, user, uint32(workspace), session.Origin{}))
	c := browser(t, shared.crm.url)
	c.http.Jar.SetCookies(must(url.Parse(c.base)), []*http.Cookie{{Name: "apex_sid", Value: token}})
	return c
}

// A workspace's records do not exist for another's members.
func TestTenantsAreApart(t *testing.T) {
	mine, theirs := signedIn(t), member(t, "rivals", "owner")
	company := mine.do("POST", "/api/v1/companies", object{"name": "Secret", "domain": "secret.example"}).want(201)
	person := mine.do("POST", "/api/v1/people", object{"firstName": "Secret", "emails": []object{{"value": "s@secret.example"}}}).want(201)
	for _, at := range []string{company.header.Get("Location"), person.header.Get("Location")} {
		theirs.do("GET", at, nil).want(404)
		theirs.do("PATCH", at, object{}, `If-Match: "v1"`).want(404)
		theirs.do("DELETE", at, nil, `If-Match: "v1"`).want(404)
		theirs.do("POST", at+"/restore", nil).want(404)
	}
	for _, list := range []string{"/people", "/companies", "/people?q=secret", "/people?companyId=" + company.text("id")} {
		if a := theirs.do("GET", "/api/v1"+list, nil).want(200); len(a.items()) != 0 {
			t.Errorf("%s shows %s", list, a.raw)
		}
	}
	theirs.do("POST", "/api/v1/people", object{"firstName": "Mole", "companyId": company.text("id")}).want(422)
	theirs.do("POST", "/api/v1/companies", object{"name": "Same", "domain": "secret.example"}).want(201) // unique per workspace
	theirs.do("POST", "/api/v1/people", object{"emails": []object{{"value": "s@secret.example"}}}).want(201)
	cursor := mine.do("GET", "/api/v1/people?limit=1", nil).want(200).text("nextCursor")
	if cursor == "" {
		mine.do("POST", "/api/v1/people", object{"firstName": "Second"}).want(201)
		cursor = mine.do("GET", "/api/v1/people?limit=1", nil).want(200).text("nextCursor")
	}
	theirs.do("GET", "/api/v1/people?cursor="+cursor, nil).want(400)
}

func TestViewersOnlyRead(t *testing.T) {
	viewer := member(t, "gallery", "viewer")
	viewer.do("GET", "/api/v1/people", nil).want(200)
	viewer.do("POST", "/api/v1/people", object{"firstName": "A"}).want(403)
	viewer.do("DELETE", "/api/v1/companies/01890a5d-ac96-774b-bcce-b302099a8057", nil, `If-Match: "v1"`).want(403)
}
