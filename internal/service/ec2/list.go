package ec2

import (
	"cmp"
	"encoding/base64"
	"slices"
	"strings"

	"apex/internal/api"
	"apex/internal/api/ec2api"
	"apex/internal/store"
)

// A catalog says how one kind of resource is listed: how it is named, and which
// values its filters look at.
type catalog[T any] struct {
	id      func(*T) string
	tags    func(*T) []ec2api.Tag
	missing func(id string) error // the error of an id that names nothing
	filters map[string]func(*T) []string
	least   int64 // of MaxResults, where it is not leastResults
}

// A query is the common part of the Describe operations' inputs.
type query struct {
	ids     []string
	filters []ec2api.Filter
	max     *int64
	token   *string
}

// The bounds of MaxResults.
const (
	leastResults = 5
	mostResults  = 1000
)

// listed picks the rows of a table that a query asks for. What the query does not
// name is not shown, and costs little.
func listed[R, T any](v view, table *store.Table[R], show func(R) T, c catalog[T], q query) (page []T, next *string, err error) {
	if err := c.check(q); err != nil {
		return nil, nil, err
	}
	if len(q.ids) > 0 {
		page, err = named(v, table, show, c, q)
		return page, nil, err
	}
	after, err := decodeToken(q.token)
	if err != nil {
		return nil, nil, err
	}
	limit := int(api.Or(q.max, mostResults))
	for key, row := range table.Prefix(v.r, v.scope.Prefix()) {
		if idOf(key) <= after {
			continue
		}
		if !mayPass(row, q.filters) {
			continue
		}
		item := show(row)
		if !c.passes(&item, q.filters) {
			continue
		}
		if len(page) == limit {
			return page, encodeToken(c.id(&page[limit-1])), nil
		}
		page = append(page, item)
	}
	return page, nil, nil
}

// mayPass sees by a row alone that the filter for its VPC refuses it, so that it
// need not be shown first.
func mayPass[R any](row R, filters []ec2api.Filter) bool {
	o, ok := any(row).(interface{ vpc() string })
	return !ok || !slices.ContainsFunc(filters, func(f ec2api.Filter) bool {
		return api.Val(f.Name) == "vpc-id" && !slices.ContainsFunc(f.Values, func(pattern string) bool { return fits(pattern, o.vpc()) })
	})
}

func (s Subnet) vpc() string           { return s.Spec.VPCID }
func (t RouteTable) vpc() string       { return t.Spec.VPCID }
func (g SecurityGroup) vpc() string    { return g.Spec.VPCID }
func (a NetworkACL) vpc() string       { return a.Spec.VPCID }
func (i NetworkInterface) vpc() string { return i.Spec.VPCID }

// named shows the rows that a query names by their ids.
func named[R, T any](v view, table *store.Table[R], show func(R) T, c catalog[T], q query) (page []T, err error) {
	for _, id := range slices.Compact(slices.Sorted(slices.Values(q.ids))) {
		row, ok := table.Get(v.r, v.key(id))
		if !ok {
			return nil, c.missing(id)
		}
		if item := show(row); c.passes(&item, q.filters) {
			page = append(page, item)
		}
	}
	return page, nil
}

// list is listed for what is in no table. all must be in the order of ids.
func (c catalog[T]) list(all []T, q query) (page []T, next *string, err error) {
	if err := c.check(q); err != nil {
		return nil, nil, err
	}
	for _, id := range q.ids {
		if !slices.ContainsFunc(all, func(item T) bool { return c.id(&item) == id }) {
			return nil, nil, c.missing(id)
		}
	}
	after, err := decodeToken(q.token)
	if err != nil {
		return nil, nil, err
	}
	limit := int(api.Or(q.max, mostResults))
	for i := range all {
		item := &all[i]
		if c.id(item) <= after || len(q.ids) > 0 && !slices.Contains(q.ids, c.id(item)) || !c.passes(item, q.filters) {
			continue
		}
		if len(page) == limit {
			return page, encodeToken(c.id(&page[limit-1])), nil
		}
		page = append(page, *item)
	}
	return page, nil, nil
}

func (c catalog[T]) check(q query) error {
	least := cmp.Or(c.least, leastResults)
	if q.max != nil && (*q.max < least || *q.max > mostResults) {
		return invalidValue("Value ( %d ) for parameter maxResults is invalid. Expecting a value between %d and %d.", *q.max, least, mostResults)
	}
	if q.max != nil && len(q.ids) > 0 {
		return api.Invalid("InvalidParameterCombination", "The parameter maxResults cannot be used with a list of ids")
	}
	for _, f := range q.filters {
		name := api.Val(f.Name)
		if _, ok := c.filters[name]; !ok && name != "tag-key" && !strings.HasPrefix(name, "tag:") {
			return invalidValue("The filter '%s' is invalid", name)
		}
	}
	return nil
}

// passes reports whether every filter has a value that fits.
func (c catalog[T]) passes(item *T, filters []ec2api.Filter) bool {
	return !slices.ContainsFunc(filters, func(f ec2api.Filter) bool {
		return !slices.ContainsFunc(c.values(item, api.Val(f.Name)), func(value string) bool {
			return slices.ContainsFunc(f.Values, func(pattern string) bool { return fits(pattern, value) })
		})
	})
}

func (c catalog[T]) values(item *T, name string) []string {
	if look, ok := c.filters[name]; ok {
		return look(item)
	}
	key, one := strings.CutPrefix(name, "tag:")
	var values []string
	for _, t := range c.tags(item) {
		switch {
		case !one:
			values = append(values, api.Val(t.Key))
		case api.Val(t.Key) == key:
			values = append(values, api.Val(t.Value))
		}
	}
	return values
}

// fits matches a filter's value: * is any text, ? any character, and a backslash
// takes its special meaning from the character that follows.
func fits(pattern, value string) bool {
	p, v := 0, 0
	star, resume := -1, 0
	for v < len(value) {
		switch {
		case p < len(pattern) && pattern[p] == '*':
			star, resume = p, v
			p++
			continue
		case p < len(pattern) && pattern[p] == '?':
			p, v = p+1, v+1
			continue
		case p+1 < len(pattern) && pattern[p] == '\\' && pattern[p+1] == value[v]:
			p, v = p+2, v+1
			continue
		case p < len(pattern) && pattern[p] == value[v] && pattern[p] != '\\':
			p, v = p+1, v+1
			continue
		case star < 0:
			return false
		}
		resume++
		p, v = star+1, resume
	}
	return strings.Trim(pattern[p:], "*") == ""
}

// A page's token names the last id before it.
func encodeToken(id string) *string {
	return api.Ptr(base64.RawURLEncoding.EncodeToString([]byte("after " + id)))
}

func decodeToken(token *string) (string, error) {
	if api.Val(token) == "" {
		return "", nil
	}
	raw, err := base64.RawURLEncoding.DecodeString(*token)
	after, ok := strings.CutPrefix(string(raw), "after ")
	if err != nil || !ok {
		return "", api.Invalid("InvalidNextToken", "The token '%s' is invalid", *token)
	}
	return after, nil
}

// one makes a filter look at a single optional member.
func one[T any](look func(*T) *string) func(*T) []string {
	return func(item *T) []string {
		if p := look(item); p != nil {
			return []string{*p}
		}
		return nil
	}
}

// flag makes a filter look at a boolean member.
func flag[T any](look func(*T) *bool) func(*T) []string {
	return func(item *T) []string {
		if api.Val(look(item)) {
			return []string{"true"}
		}
		return []string{"false"}
	}
}

// each makes a filter look at a member of each element of a list.
func each[T, E any](list func(*T) []E, look func(*E) *string) func(*T) []string {
	return func(item *T) []string {
		var values []string
		for i := range list(item) {
			if p := look(&list(item)[i]); p != nil {
				values = append(values, *p)
			}
		}
		return values
	}
}

// compareText orders resources by a member that all of them have.
func compareText(a, b *string) int { return strings.Compare(*a, *b) }
