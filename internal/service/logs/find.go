package logs

import (
	"context"
	"strconv"
	"strings"
	"time"

	"apex/internal/api"
	"apex/internal/api/logsapi"
	"apex/internal/arn"
	"apex/internal/page"
	"apex/internal/store"
)

func scopeOf(call *api.Call) arn.Scope { return arn.Scope{Account: call.Account, Region: call.Region} }

// findGroup returns the group that a call names, by name or by ARN.
func findGroup(r store.Reader, call *api.Call, name, identifier *string) (Group, error) {
	id := api.Or(name, api.Val(identifier))
	if name != nil && identifier != nil || id == "" {
		return Group{}, logsapi.NewInvalidParameterException("Exactly one of logGroupName and logGroupIdentifier must be given.")
	}
	if rest, ok := strings.CutPrefix(id, scopeOf(call).ARN("logs", "log-group:")); ok {
		id = strings.TrimSuffix(rest, ":*")
	}
	group, ok := Groups.Get(r, scopeOf(call).Key(id))
	if !ok || group.Spec.Deleted {
		return Group{}, logsapi.NewResourceNotFoundException("The specified log group does not exist.")
	}
	return group, nil
}

// findStandard returns a group of the standard class: others have no filters, no
// live tail and no export.
func findStandard(r store.Reader, call *api.Call, name *string) (Group, error) {
	group, err := findGroup(r, call, name, nil)
	if err == nil && group.Spec.Class != standard {
		err = logsapi.NewInvalidOperationException("The operation is not supported for log group %s of class %s.", group.Spec.Name, group.Spec.Class)
	}
	return group, err
}

// findReadable returns a group whose events can be read one by one: those of the
// class INFREQUENT_ACCESS are read by queries only.
func findReadable(r store.Reader, call *api.Call, name, identifier *string) (Group, error) {
	group, err := findGroup(r, call, name, identifier)
	if err == nil && group.Spec.Class == logsapi.LogGroupClassInfrequentAccess {
		err = logsapi.NewInvalidParameterException("The operation is not supported for log group %s of class %s.", group.Spec.Name, group.Spec.Class)
	}
	return group, err
}

// findStream returns a stream of a group.
func findStream(r store.Reader, group Group, name string) (Stream, error) {
	stream, ok := Streams.Get(r, streamKey(group.Key, name))
	if !ok || stream.Spec.Deleted {
		return Stream{}, logsapi.NewResourceNotFoundException("The specified log stream does not exist.")
	}
	return stream, nil
}

// change edits the group that a call names.
func (s *Service) change(ctx context.Context, call *api.Call, name *string, edit func(*Group) error) error {
	return s.store.Update(ctx, func(tx *store.Tx) error {
		group, err := findGroup(tx, call, name, nil)
		if err != nil {
			return err
		}
		Groups.Modify(tx, group.Key, func(own *Group) { err = edit(own) })
		return err
	})
}

// deletion is how long a creation waits for a deletion of the same name.
const deletion = 5 * time.Second

// settled waits until nothing of the name is being deleted any more, so that
// deleting and creating in a row works as it reads.
func (s *Service) settled(ctx context.Context, deleting func(store.Reader) bool) error {
	ctx, cancel := context.WithTimeout(ctx, deletion)
	defer cancel()
	if err := s.store.Wait(ctx, func(snap store.Snapshot) bool { return !deleting(snap) }); err != nil {
		return logsapi.NewOperationAbortedException("A conflicting operation is currently in progress against this resource. Please try again.")
	}
	return nil
}

// keysOf returns the keys of a group's rows in a table.
func keysOf[T any](r store.Reader, table *store.Table[T], group string) (keys []string) {
	for key := range table.Prefix(r, streamKey(group, "")) {
		keys = append(keys, key)
	}
	return keys
}

// page cuts a list. The token is the place where the next page begins.
func paged[T any](all []T, key func(*T) string, token *string, limit int64) ([]T, *string, error) {
	items, next, ok := page.Sorted(all, key, token, int(limit))
	if !ok {
		return nil, nil, badToken()
	}
	return items, next, nil
}

// cut returns a part of a list that does not change.
func cut[T any](all []T, token *string, limit int64) ([]T, *string, error) {
	start := 0
	if token != nil {
		n, err := strconv.Atoi(*token)
		if err != nil || n < 0 {
			return nil, nil, badToken()
		}
		start = min(n, len(all))
	}
	rest := all[start:]
	if int64(len(rest)) <= limit {
		return rest, nil, nil
	}
	return rest[:limit], api.Ptr(strconv.Itoa(start + int(limit))), nil
}

func badToken() error {
	return logsapi.NewInvalidParameterException("The specified nextToken is invalid.")
}

func optional(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}
