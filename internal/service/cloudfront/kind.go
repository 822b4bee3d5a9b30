package cloudfront

import (
	"context"
	"crypto/rand"
	"slices"
	"strconv"
	"strings"

	"apex/internal/api"
	cf "apex/internal/api/cloudfrontapi"
	"apex/internal/awsid"
	"apex/internal/store"
)

// An errorMaker makes one of the errors of the model.
type errorMaker func(format string, args ...any) *api.Error

// A kind is one kind of resource: what is the same for all is done here.
type kind[C any] struct {
	table   *store.Table[Item[C]]
	newID   func() string
	missing errorMaker // there is no such resource
	used    errorMaker // it cannot be deleted
	exists  errorMaker // another one has its name or reference
	// name is what no two resources may share, and fixed what an update must leave.
	name  func(*C) string
	fixed func(*C) string
	// refer is how distributions and key groups name the resource.
	refer func(call *api.Call, id string) string
	// check looks at a new or changed configuration and fills in its defaults.
	check   func(r store.Reader, call *api.Call, id string, c *C) error
	managed []Item[C] // those that AWS provides
}

func (k *kind[C]) create(ctx context.Context, s *store.Store, call *api.Call, config C, edit func(*Spec[C])) (Item[C], error) {
	made := Item[C]{Spec: Spec[C]{Config: config, ETag: newETag(), CreatedAt: call.Now, ModifiedAt: call.Now}}
	made.Key = scopeOf(call).Key(k.newID())
	if edit != nil {
		edit(&made.Spec)
	}
	err := s.Update(ctx, func(tx *store.Tx) error {
		if err := k.admit(tx, call, made.ID(), &made.Spec.Config); err != nil {
			return err
		}
		k.table.Put(tx, made)
		return nil
	})
	return made, err
}

// admit checks a configuration, and that its name is free.
func (k *kind[C]) admit(r store.Reader, call *api.Call, id string, config *C) error {
	for _, other := range k.table.Prefix(r, scopeOf(call).Prefix()) {
		if k.name != nil && other.ID() != id && k.name(&other.Spec.Config) == k.name(config) {
			return k.exists("The resource that you are trying to create already exists: %s", k.name(config))
		}
	}
	if k.check == nil {
		return nil
	}
	return k.check(r, call, id, config)
}

func (k *kind[C]) get(r store.Reader, call *api.Call, id *string) (Item[C], error) {
	if i, ok := k.table.Get(r, scopeOf(call).Key(api.Val(id))); ok {
		return i, nil
	}
	for _, i := range k.managed {
		if i.ID() == api.Val(id) {
			return i, nil
		}
	}
	return Item[C]{}, k.missing("The specified resource does not exist: %s", api.Val(id))
}

// match finds the version of a resource that a caller means to change.
func (k *kind[C]) match(r store.Reader, call *api.Call, id, ifMatch *string) (Item[C], error) {
	i, err := k.get(r, call, id)
	switch {
	case err != nil:
		return i, err
	case ifMatch == nil:
		return i, cf.NewInvalidIfMatchVersion("The If-Match version is missing or not valid for the resource.")
	case *ifMatch != i.Spec.ETag:
		return i, cf.NewPreconditionFailed("The request failed because it didn't meet the preconditions in one or more request-header fields.")
	}
	return i, nil
}

func (k *kind[C]) update(ctx context.Context, s *store.Store, call *api.Call, id, ifMatch *string, config C) (Item[C], error) {
	var i Item[C]
	err := s.Update(ctx, func(tx *store.Tx) (err error) {
		if i, err = k.match(tx, call, id, ifMatch); err != nil {
			return err
		}
		switch {
		case k.isManaged(i.ID()):
			return cf.NewIllegalUpdate("The resource %s is managed by AWS.", i.ID())
		case k.fixed != nil && k.fixed(&i.Spec.Config) != k.fixed(&config):
			return cf.NewIllegalUpdate("The update contains modifications that are not allowed: the caller reference must stay.")
		}
		if err := k.admit(tx, call, i.ID(), &config); err != nil {
			return err
		}
		i.Spec.Config, i.Spec.ETag, i.Spec.ModifiedAt = config, newETag(), call.Now
		k.table.Put(tx, i)
		return nil
	})
	return i, err
}

func (k *kind[C]) isManaged(id string) bool {
	return slices.ContainsFunc(k.managed, func(i Item[C]) bool { return i.ID() == id })
}

func (k *kind[C]) remove(ctx context.Context, s *store.Store, call *api.Call, id, ifMatch *string) error {
	return s.Update(ctx, func(tx *store.Tx) error {
		i, err := k.match(tx, call, id, ifMatch)
		switch {
		case err != nil:
			return err
		case k.isManaged(i.ID()):
			return cf.NewIllegalDelete("The resource %s is managed by AWS.", i.ID())
		case k.refer != nil && isUsed(tx, call, k.refer(call, i.ID())):
			return k.used("The resource %s is in use.", i.ID())
		}
		k.table.Delete(tx, i.Key)
		return nil
	})
}

// largestPage is the most items of a list's page, and as many as one has by
// itself.
const largestPage = 100

// A span is one page of a list.
type span[C any] struct {
	items []Item[C]
	limit int64
	next  *string
}

// list returns the page of a kind's resources behind the one that marker names.
func (k *kind[C]) list(r store.Reader, call *api.Call, marker, maxItems *string, keep func(*Item[C]) bool) (span[C], error) {
	page := span[C]{limit: largestPage}
	if maxItems != nil {
		n, err := strconv.ParseInt(*maxItems, 10, 64)
		if err != nil || n < 1 {
			return page, cf.NewInvalidArgument("MaxItems %q is not a positive number.", *maxItems)
		}
		page.limit = min(n, largestPage)
	}
	all := slices.Clone(k.managed)
	for _, i := range k.table.Prefix(r, scopeOf(call).Prefix()) {
		all = append(all, i)
	}
	slices.SortFunc(all, func(a, b Item[C]) int { return strings.Compare(a.ID(), b.ID()) })
	for _, i := range all {
		switch {
		case marker != nil && i.ID() <= *marker, keep != nil && !keep(&i):
		case int64(len(page.items)) == page.limit:
			page.next = api.Ptr(page.items[page.limit-1].ID())
			return page, nil
		default:
			page.items = append(page.items, i)
		}
	}
	return page, nil
}

func (p *span[C]) quantity() *int64 { return api.Ptr(int64(len(p.items))) }

// newETag returns a version such as "E0123456789ABC".
func newETag() string { return newID("E")() }

// newID makes ids such as "E0123456789ABC".
func newID(prefix string) func() string {
	const digits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	return func() string {
		b := make([]byte, 13)
		rand.Read(b)
		for i := range b {
			b[i] = digits[int(b[i])%len(digits)]
		}
		return prefix + string(b)
	}
}

func newUUID() string { return awsid.UUID() }

func location(path, id string) *string {
	return api.Ptr("https://cloudfront.amazonaws.com/2020-05-31/" + path + "/" + id)
}
