// Package session keeps signed-in sessions in Redis.
//
// A session's id is 256 random bits in a cookie; Redis knows only its SHA-256,
// so reading Redis gives nobody a session. A session ends after seven days
// without use and thirty in all. A set per user lists its sessions, so that
// all of them can be ended. Use is noted at most every five minutes: a write
// per request would be waste.
package session

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"strconv"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"

	"apexai/crm/internal/id"
	"apexai/crm/internal/problem"
)

const (
	idleFor = 7 * 24 * time.Hour
	// Longest is how long a session lasts however much it is used.
	Longest    = 30 * 24 * time.Hour
	touchEvery = 5 * time.Minute
)

// A Store keeps sessions.
type Store struct {
	Redis *redis.Client
	Now   func() time.Time
}

// A Session is who a cookie stands for.
type Session struct {
	ID        string // which may be shown: it opens nothing
	User      id.ID
	Workspace uint32
	Created   time.Time
	Seen      time.Time // within five minutes
	Origin
	key string
}

// An Origin is where a session was begun, for its user to recognize.
type Origin struct {
	Network string // of the client, such as 192.0.2.0/24
	Agent   string // the browser's own words
}

// Expires is when the session ends however much it is used.
func (s Session) Expires() time.Time { return s.Created.Add(Longest) }

func key(token string) string {
	sum := sha256.Sum256([]byte(token))
	return "sess:" + hex.EncodeToString(sum[:])
}

// shown is a part of the key's sum, which is no secret and finds the session
// among its user's.
func shown(key string) string { return strings.TrimPrefix(key, "sess:")[:24] }

func userKey(user id.ID) string { return "usess:" + user.String() }

// Create starts a session and returns the token for its cookie.
func (s Store) Create(ctx context.Context, user id.ID, workspace uint32, from Origin) (string, error) {
	raw := make([]byte, 32)
	rand.Read(raw)
	token := base64.RawURLEncoding.EncodeToString(raw)
	k, now := key(token), s.Now()
	_, err := s.Redis.TxPipelined(ctx, func(p redis.Pipeliner) error {
		p.HSet(ctx, k, "user", user.String(), "workspace", workspace, "created", now.Unix(), "seen", now.Unix(),
			"network", from.Network, "agent", from.Agent)
		p.Expire(ctx, k, idleFor)
		p.ZRemRangeByScore(ctx, userKey(user), "-inf", strconv.FormatInt(now.Add(-Longest).Unix(), 10))
		p.ZAdd(ctx, userKey(user), redis.Z{Score: float64(now.Unix()), Member: k})
		p.Expire(ctx, userKey(user), Longest)
		return nil
	})
	return token, away(err)
}

// Get returns the session of a token. Without Redis nobody can be known, and
// nobody is signed out either: the error asks to come back.
func (s Store) Get(ctx context.Context, token string) (Session, bool, error) {
	return s.Ask(ctx, s.Redis, token)()
}

// Ask asks for the session of a token, also in a pipeline: what it returns is
// Get, once that was run.
func (s Store) Ask(ctx context.Context, by redis.Cmdable, token string) func() (Session, bool, error) {
	k := key(token)
	answer := by.HGetAll(ctx, k)
	return func() (Session, bool, error) {
		m, err := answer.Result()
		if err != nil {
			return Session{}, false, away(err)
		}
		found, ok := parse(k, m)
		now := s.Now()
		if !ok || !now.Before(found.Expires()) {
			return Session{}, false, nil
		}
		if now.Sub(found.Seen) >= touchEvery {
			if err := touch.Run(ctx, s.Redis, []string{k}, now.Unix(), int(idleFor.Seconds())).Err(); err != nil && !errors.Is(err, redis.Nil) {
				return Session{}, false, away(err)
			}
		}
		return found, true, nil
	}
}

// touch notes use, unless the session was ended meanwhile: a plain HSET would
// bring it back.
var touch = redis.NewScript(`
if redis.call("EXISTS", KEYS[1]) == 1 then
	redis.call("HSET", KEYS[1], "seen", ARGV[1])
	redis.call("EXPIRE", KEYS[1], ARGV[2])
end`)

func parse(key string, m map[string]string) (Session, bool) {
	user, err := id.Parse(m["user"])
	workspace, err2 := strconv.ParseUint(m["workspace"], 10, 32)
	created, err3 := strconv.ParseInt(m["created"], 10, 64)
	seen, err4 := strconv.ParseInt(m["seen"], 10, 64)
	if errors.Join(err, err2, err3, err4) != nil {
		return Session{}, false
	}
	return Session{shown(key), user, uint32(workspace), time.Unix(created, 0), time.Unix(seen, 0), Origin{m["network"], m["agent"]}, key}, true
}

func away(err error) error {
	if err == nil {
		return nil
	}
	return problem.Unavailable("the session store does not answer", err)
}
