package server

import (
	"net/url"
	"strings"
	"testing"

	"github.com/redis/go-redis/v9"
)

// A session that is ended at one task sends off the sockets that it has at another.
func TestEndedSessionsReachOtherTasks(t *testing.T) {
	second := another(t)
	here, there := signIn(t, shared.crm.url, "two-places@example.com"), signIn(t, second.url, "two-places@example.com")
	bystander := signIn(t, second.url, "bystander@example.com")
	mine, far, other := sockets(t, here, 1), sockets(t, there, 2), sockets(t, bystander, 1)
	eventually(t, "all are connected", func() bool { return mine.Connected() == 1 && far.Connected() == 2 && other.Connected() == 1 })
	here.do("DELETE", "/api/v1/auth/sessions", nil).want(204)
	there.do("GET", "/api/v1/auth/me", nil).want(401)
	eventually(t, "the other place hears of it, and is cut off", func() bool { return heard(far, "session.revoked") && far.Connected() == 0 })
	here.do("GET", "/api/v1/auth/me", nil).want(200)
	if mine.Connected() != 1 || other.Connected() != 1 {
		t.Errorf("the caller has %d sockets, somebody else %d", mine.Connected(), other.Connected())
	}
}

// Who signs out in one tab is signed out in the others.
func TestSigningOutReachesOtherTabs(t *testing.T) {
	second := another(t)
	here := signIn(t, shared.crm.url, "tabs@example.com")
	there := browser(t, second.url)
	there.http.Jar.SetCookies(must(url.Parse(second.url)), here.http.Jar.Cookies(must(url.Parse(here.base))))
	tab := sockets(t, there, 1)
	eventually(t, "the other tab is connected", func() bool { return tab.Connected() == 1 })
	here.do("DELETE", "/api/v1/auth/session", nil).want(204)
	eventually(t, "it hears of the end", func() bool { return heard(tab, "session.revoked") && tab.Connected() == 0 })
}

// A task that did not hear of a session's end, as Redis was away from it, finds
// out once it hears again.
func TestEndedSessionsAreFoundAfterABreak(t *testing.T) {
	second := another(t)
	there := signIn(t, second.url, "unheard@example.com")
	tab := sockets(t, there, 1)
	eventually(t, "it is connected", func() bool { return tab.Connected() == 1 })
	store := redis.NewClient(must(redis.ParseURL(shared.redis.URL)))
	defer store.Close()
	user := whoami(there)
	for _, key := range must(store.Keys(t.Context(), "sess:*").Result()) {
		if store.HGet(t.Context(), key, "user").Val() == user {
			store.Del(t.Context(), key) // and nobody is told
		}
	}
	if err := store.ClientKillByFilter(t.Context(), "TYPE", "pubsub").Err(); err != nil {
		t.Fatal(err)
	}
	eventually(t, "it hears of the end", func() bool { return heard(tab, "session.revoked") && tab.Connected() == 0 })
}

// A new role is in force with the answer, at every task, for cookies and for
// keys, and open pages hear of it.
func TestRolesChangeAtOnce(t *testing.T) {
	second := another(t)
	owner := newcomer(t, shared.crm.url, "chief@at-once.example", object{})
	link := owner.do("POST", "/api/v1/invites", object{"role": "admin"}).want(201).text("url")
	admin := newcomer(t, second.url, "deputy@at-once.example", object{"invite": link[strings.LastIndexByte(link, '/')+1:]})
	who := userOf(admin.me())
	tab := sockets(t, admin, 1)
	key := admin.do("POST", "/api/v1/keys", object{"name": "robot", "scopes": []string{"*:write"}}).want(201).text("secret")
	robot := browser(t, shared.crm.url)
	person := object{"firstName": "Somebody"}
	eventually(t, "the page is connected", func() bool { return tab.Connected() == 1 })
	for i, step := range []struct {
		role             string
		person, settings int
	}{{"viewer", 403, 403}, {"member", 201, 403}, {"admin", 201, 201}, {"viewer", 403, 403}} {
		owner.do("PATCH", "/api/v1/members/"+who, object{"role": step.role}).want(200)
		admin.do("POST", "/api/v1/people", person).want(step.person)
		robot.do("POST", "/api/v1/people", person, "Authorization: Bearer "+key).want(step.person)
		admin.do("POST", "/api/v1/invites", object{"role": "viewer"}).want(step.settings)
		if got := admin.me().text("role"); got != step.role {
			t.Errorf("is %s, want %s", got, step.role)
		}
		eventually(t, "the page hears of "+step.role, func() bool { return len(tab.Events("session.changed")) > i })
	}
	owner.do("DELETE", "/api/v1/members/"+who, nil).want(204)
	admin.do("GET", "/api/v1/people", nil).want(401)
	robot.do("GET", "/api/v1/people", nil, "Authorization: Bearer "+key).want(401)
	eventually(t, "the page is cut off", func() bool { return heard(tab, "session.revoked") && tab.Connected() == 0 })
}
