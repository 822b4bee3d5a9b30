package session

import (
	"context"
	"errors"
	"slices"

	"github.com/redis/go-redis/v9"

	"apexai/crm/internal/id"
)

// All lists a user's sessions, the one used last first.
func (s Store) All(ctx context.Context, user id.ID) ([]Session, error) {
	keys, err := s.Redis.ZRange(ctx, userKey(user), 0, -1).Result()
	if err != nil {
		return nil, away(err)
	}
	answers := make([]*redis.MapStringStringCmd, len(keys))
	_, err = s.Redis.Pipelined(ctx, func(p redis.Pipeliner) error {
		for i, k := range keys {
			answers[i] = p.HGetAll(ctx, k)
		}
		return nil
	})
	if err != nil {
		return nil, away(err)
	}
	var all []Session
	for i, k := range keys {
		found, ok := parse(k, answers[i].Val()) // what has ended is empty
		if ok && found.User == user && s.Now().Before(found.Expires()) {
			all = append(all, found)
		}
	}
	slices.SortStableFunc(all, func(a, b Session) int { return b.Seen.Compare(a.Seen) })
	return all, nil
}

// End ends one session; one that is gone is no error.
func (s Store) End(ctx context.Context, token string) error {
	k := key(token)
	user, err := s.Redis.HGet(ctx, k, "user").Result()
	if errors.Is(err, redis.Nil) {
		return nil
	}
	if err != nil {
		return away(err)
	}
	return s.end(ctx, "usess:"+user, k)
}

// EndWhere ends those of a user's sessions that which picks, and returns them.
func (s Store) EndWhere(ctx context.Context, user id.ID, which func(Session) bool) ([]Session, error) {
	all, err := s.All(ctx, user)
	if err != nil {
		return nil, err
	}
	var ended []Session
	var keys []string
	for _, one := range all {
		if which(one) {
			ended, keys = append(ended, one), append(keys, one.key)
		}
	}
	if len(keys) == 0 {
		return nil, nil
	}
	return ended, s.end(ctx, userKey(user), keys...)
}

func (s Store) end(ctx context.Context, of string, keys ...string) error {
	_, err := s.Redis.TxPipelined(ctx, func(p redis.Pipeliner) error {
		p.Del(ctx, keys...)
		for _, k := range keys {
			p.ZRem(ctx, of, k)
		}
		return nil
	})
	return away(err)
}
