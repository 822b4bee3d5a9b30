package server

import (
	"context"
	_ "embed"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"golang.org/x/sync/errgroup"

	"apexai/crm/internal/api"
	"apexai/crm/internal/config"
	"apexai/crm/internal/database"
	"apexai/crm/internal/id"
	"apexai/crm/internal/page"
	"apexai/crm/internal/session"
	"apexai/crm/internal/tenant"
)

//go:embed testdata/access.txt
var accessTable string

// secret is in every record of the workspace that others must not see.
const secret = "Zanzibar-F5"

// access is one line of the table.
type access struct {
	pattern string
	role    tenant.Role
}

// readAccess reads the table and holds it to be complete.
func readAccess(t *testing.T) []access {
	t.Helper()
	var all []access
	var known []string
	for line := range strings.Lines(accessTable) {
		role, pattern, ok := strings.Cut(strings.TrimSpace(line), " ")
		if !ok || strings.HasPrefix(line, "#") {
			continue
		}
		a := access{pattern: strings.TrimSpace(pattern)}
		if err := a.role.UnmarshalText([]byte(role)); err != nil {
			t.Fatal(err)
		}
		all, known = append(all, a), append(known, a.pattern)
	}
	var served []string
	_, groups := new(Server).subjects(nil, page.Signer{})
	for _, route := range slices.Concat(groups...) {
		served = append(served, route.Pattern)
		if !slices.Contains(known, route.Pattern) {
			t.Errorf("%s has no line in testdata/access.txt: who may call it?", route.Pattern)
		}
	}
	return slices.DeleteFunc(all, func(a access) bool {
		gone := !slices.Contains(served, a.pattern)
		if gone {
			t.Errorf("%s is in testdata/access.txt and is not served", a.pattern)
		}
		return gone
	})
}

// cast makes users and sessions without signing in, as there are many.
type cast struct {
	t        *testing.T
	db       *database.DB
	sessions session.Store
	http     *http.Client
	asked    atomic.Int64
}

func newCast(t *testing.T) *cast {
	t.Helper()
	cfg := must(config.Load(func(name string) string { return settings(nil)[name] }))
	db := must(database.Open(cfg.Database, 2))
	client := redis.NewClient(must(redis.ParseURL(shared.redis.URL)))
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.MaxIdleConnsPerHost = 8
	t.Cleanup(func() { transport.CloseIdleConnections(); client.Close(); db.Close() })
	return &cast{t: t, db: db, sessions: session.Store{Redis: client, Now: time.Now}, http: &http.Client{Transport: transport, Timeout: time.Minute}}
}

// actor is a user in a workspace.
type actor struct {
	user      id.ID
	workspace uint32
}

// join makes a user of a role; workspace 0 is a new one.
func (c *cast) join(workspace uint32, role tenant.Role) actor {
	c.t.Helper()
	a := actor{id.New(), workspace}
	now := time.Now().UTC()
	err := c.db.Update(context.Background(), func(ctx context.Context, q database.Queryer) error {
		if workspace == 0 {
			made, err := database.InsertID(ctx, q, "INSERT INTO workspaces (slug, name, created_at) VALUES (?, ?, ?)", "f5-"+a.user.String(), "F5", now)
			if err != nil {
				return err
			}
			a.workspace = uint32(made)
		}
		if _, err := database.Exec(ctx, q, "INSERT INTO users (id, email, name, created_at) VALUES (?, ?, ?, ?)", a.user, a.user.String()+"@f5.example", secret, now); err != nil {
			return err
		}
		_, err := database.Exec(ctx, q, "INSERT INTO members (workspace_id, user_id, role, created_at) VALUES (?, ?, ?, ?)", a.workspace, a.user, role.String(), now)
		return err
	})
	if err != nil {
		c.t.Fatal(err)
	}
	return a
}

// cookie begins a session of the actor's.
func (c *cast) cookie(a actor) string {
	token, err := c.sessions.Create(context.Background(), a.user, a.workspace, session.Origin{})
	if err != nil {
		c.t.Error(err)
	}
	return "Cookie: apex_sid=" + token
}

// call asks once with the credentials, and returns the status and the answer.
func (c *cast) call(pattern, which, body string, credentials string) (int, string) {
	method, path, _ := strings.Cut(pattern, " ")
	path = placeholder.ReplaceAllString(path, which)
	var content io.Reader
	if method != http.MethodGet && method != http.MethodDelete {
		content = strings.NewReader(body)
	}
	request := must(http.NewRequest(method, shared.crm.url+api.Base+path, content))
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("If-Match", `"v1"`)
	if name, value, ok := strings.Cut(credentials, ": "); ok {
		request.Header.Set(name, value)
	}
	c.asked.Add(1)
	response, err := c.http.Do(request)
	if err != nil {
		c.t.Errorf("%s: %v", pattern, err)
		return 0, ""
	}
	defer response.Body.Close()
	text, _ := io.ReadAll(response.Body) // the status is what counts
	return response.StatusCode, string(text)
}

var placeholder = regexp.MustCompile(`\{\w+\}`)

// records makes one record of each kind that can be made simply, as the
// owner, with the secret in it, and returns their ids by resource.
func (c *cast) records(owner actor, others actor) map[string]string {
	c.t.Helper()
	cookie := c.cookie(owner)
	ids := map[string]string{"members": others.user.String()}
	make := func(resource, body string) {
		c.t.Helper()
		status, text := c.call("POST /"+resource, "", body, cookie)
		found := regexp.MustCompile(`"id":"([0-9a-f-]{36})"`).FindStringSubmatch(text)
		if status != http.StatusCreated || found == nil {
			c.t.Fatalf("make one of %s: %d %.300s", resource, status, text)
		}
		ids[resource] = found[1]
	}
	make("people", `{"firstName":"`+secret+`"}`)
	make("companies", `{"name":"`+secret+`"}`)
	make("pipelines", `{"name":"`+secret+`","currency":"EUR","stages":[{"name":"In","probability":10,"kind":"open"},{"name":"Won","probability":100,"kind":"won"},{"name":"Lost","probability":0,"kind":"lost"}]}`)
	make("deals", `{"title":"`+secret+`","pipelineId":"`+ids["pipelines"]+`"}`)
	make("tags", `{"name":"`+secret+`","kind":"person"}`)
	make("tasks", `{"title":"`+secret+`"}`)
	make("templates", `{"name":"`+secret+`","subject":"x","text":"y"}`)
	make("activities", `{"type":"note","body":"`+secret+`","links":[{"kind":"person","id":"`+ids["people"]+`"}]}`)
	make("invites", `{"role":"member"}`)
	make("keys", `{"name":"`+secret+`","scopes":["people:read"]}`)
	return ids
}

// Those that change who the caller is get a caller of their own; POST /demo
// is left alone where it would do its work, which is long.
var (
	upsetting = []string{"DELETE /members/me", "POST /workspaces", "POST /auth/workspace"}
	lengthy   = []string{"POST /demo"}
)

// TestF5EveryRoute asks every operation as everybody.
func TestF5EveryRoute(t *testing.T) {
	table := readAccess(t)
	signedIn(t) // the server is ready
	c := newCast(t)
	owner := c.join(0, tenant.Owner)
	users := map[tenant.Role]actor{tenant.Owner: owner}
	for role := tenant.Viewer; role < tenant.Owner; role++ {
		users[role] = c.join(owner.workspace, role)
	}
	others := c.join(0, tenant.Owner)
	ids := c.records(owner, users[tenant.Member])
	keys := map[string]string{}
	for _, scope := range []string{"*:read", "*:write", "workspace:read", "search:read"} {
		_, text := c.call("POST /keys", "", `{"name":"F5","scopes":["`+scope+`"]}`, c.cookie(owner))
		found := regexp.MustCompile(`"secret":"(apx_live_\w+)"`).FindStringSubmatch(text)
		if found == nil {
			t.Fatalf("no key: %s", text)
		}
		keys[scope] = "Authorization: Bearer " + found[1]
	}
	everybody := func(a access) {
		c.strangers(a, users)
		c.members(a, owner.workspace, users)
		c.others(a, others, ids)
		c.programs(a, keys)
	}
	var work errgroup.Group
	work.SetLimit(8)
	var ends []access // what may end a session that another request uses
	for _, a := range table {
		if strings.Contains(a.pattern, "/auth/session") {
			ends = append(ends, a)
			continue
		}
		work.Go(func() error { everybody(a); return nil })
	}
	work.Wait()
	for _, a := range ends {
		everybody(a)
	}
	t.Logf("F5: %d routes, %d requests", len(table), c.asked.Load())
}

const nothing = "01890a5d-ac96-774b-bcce-b302099a8057"

func (c *cast) expect(a access, who string, status int, text string, ok bool) {
	if !ok || status >= 500 && status != http.StatusNotImplemented && status != http.StatusServiceUnavailable {
		c.t.Errorf("%s as %s: %d %.200s", a.pattern, who, status, text)
	}
}

// strangers have no session, or none any more.
func (c *cast) strangers(a access, users map[tenant.Role]actor) {
	revoked := c.cookie(users[tenant.Owner])
	_, token, _ := strings.Cut(revoked, "apex_sid=")
	if err := c.sessions.End(context.Background(), token); err != nil {
		c.t.Error(err)
	}
	for who, credentials := range map[string]string{
		"anonymous": "", "a forged session": "Cookie: apex_sid=" + strings.Repeat("A", 43), "a revoked session": revoked,
		"a forged key": "Authorization: Bearer apx_live_aaaaaaaa_" + strings.Repeat("a", 32), "a password": "Authorization: Basic YTpi",
	} {
		status, text := c.call(a.pattern, nothing, "{}", credentials)
		if a.role == tenant.Nobody {
			c.expect(a, who, status, text, status != http.StatusForbidden)
		} else {
			c.expect(a, who, status, text, status == http.StatusUnauthorized)
		}
	}
}

// members of each role may do what the table says, and no more.
func (c *cast) members(a access, workspace uint32, users map[tenant.Role]actor) {
	for role := tenant.Viewer; role <= tenant.Owner; role++ {
		allowed := role >= a.role
		if allowed && slices.Contains(lengthy, a.pattern) {
			continue
		}
		user := users[role]
		if slices.Contains(upsetting, a.pattern) {
			user = c.join(workspace, role)
		}
		status, text := c.call(a.pattern, nothing, "{}", c.cookie(user))
		barred := status == http.StatusForbidden || status == http.StatusUnauthorized && a.role > tenant.Nobody
		c.expect(a, "a "+role.String(), status, text, barred == !allowed)
	}
}

// others own another workspace: what is here does not exist for them.
func (c *cast) others(a access, others actor, ids map[string]string) {
	if slices.Contains(lengthy, a.pattern) {
		return
	}
	if slices.Contains(upsetting, a.pattern) {
		others = c.join(0, tenant.Owner)
	}
	which, real := ids[api.Resource(a.pattern)]
	if !real {
		which = nothing
	}
	status, text := c.call(a.pattern, which, "{}", c.cookie(others))
	one := strings.Contains(a.pattern, "{") && a.role > tenant.Nobody
	mine := strings.Contains(a.pattern, " /auth/") || strings.Contains(a.pattern, "/members") || strings.Contains(a.pattern, " /workspaces") // their own name
	c.expect(a, "another workspace's owner", status, text, (!one || status >= 400) && (mine || !strings.Contains(text, secret)))
	if one && real && strings.HasPrefix(a.pattern, "GET ") || one && real && strings.HasPrefix(a.pattern, "DELETE ") {
		c.expect(a, "another workspace's owner", status, text, status == http.StatusNotFound)
	}
}

// programs have keys: with the scope they may, without they may not.
func (c *cast) programs(a access, keys map[string]string) {
	if a.role == tenant.Nobody || slices.Contains(lengthy, a.pattern) {
		return
	}
	scope := api.Scope(a.pattern)
	narrow := "search:read"
	if strings.HasPrefix(scope, "search:") {
		narrow = "workspace:read"
	}
	for name, may := range map[string]bool{
		narrow: false, "*:read": strings.HasSuffix(scope, ":read"), "*:write": scope != "",
	} {
		status, text := c.call(a.pattern, nothing, "{}", keys[name])
		allowed := may && a.role <= tenant.Admin
		c.expect(a, fmt.Sprintf("a key with %s", name), status, text, (status == http.StatusForbidden) == !allowed && status != http.StatusUnauthorized)
	}
}
