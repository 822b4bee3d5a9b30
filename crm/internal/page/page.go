// Package page cuts lists into pages by key: a page begins after the last row
// of the one before, so rows added meanwhile shift nothing, and the
// thousandth page costs what the first does.
package page

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"net/url"
	"strconv"
	"strings"

	"apexai/crm/internal/problem"
	"apexai/crm/internal/tenant"
)

const (
	defaultLimit = 50
	maxLimit     = 200
	macLength    = 16
	// CountAtMost is where counting stops: further on, nobody reads the number.
	CountAtMost = 10000
)

// A Page is one page of a list.
type Page[T any] struct {
	Items      []T    `json:"items"`
	NextCursor string `json:"nextCursor,omitempty"`
	Total      string `json:"total,omitempty"` // only if asked for; "10000+" beyond CountAtMost
}

// A Request is which page of a list somebody wants.
type Request struct {
	Limit int
	Order Order
	After []string // the sort values of the row before the page; nil for the first
	Count bool

	signer Signer
	scope  string
}

// A Signer makes cursors that only this installation can make. Without that
// a caller could put any value into the query's comparisons.
type Signer struct{ Key []byte }

// Read takes limit, sort, cursor and count from a URL's query. A cursor holds
// only for the tenant, sort and filters that it was made for.
func (s Signer) Read(q url.Values, t tenant.Tenant, list string, orders Orders, filters ...string) (Request, error) {
	r := Request{Limit: defaultLimit, Order: orders[0], Count: q.Get("count") == "exact", signer: s}
	if v := q.Get("limit"); v != "" {
		n, err := strconv.Atoi(v)
		if err != nil || n < 1 || n > maxLimit {
			return r, problem.Syntax("limit is not a number from 1 to " + strconv.Itoa(maxLimit))
		}
		r.Limit = n
	}
	if v := q.Get("sort"); v != "" {
		order, ok := orders.find(v)
		if !ok {
			order, ok = orders.join(strings.Split(v, ","))
		}
		if !ok {
			return r, problem.Syntax("sort is not one of " + orders.names() + ", nor up to three of them with commas between")
		}
		r.Order = order
	}
	scope, _ := json.Marshal(append([]string{strconv.FormatUint(uint64(t.Workspace), 10), list, r.Order.Name}, filters...)) // strings only
	r.scope = string(scope)
	if v := q.Get("cursor"); v != "" {
		after, ok := r.open(v)
		if !ok {
			return r, problem.Syntax("cursor is not one of this list; begin again without it")
		}
		r.After = after
	}
	return r, nil
}

// Cut makes a page of rows, which were asked for with a limit one higher than
// the page's; key gives a row's sort values.
func Cut[T any](r Request, rows []T, key func(T, Order) []string) Page[T] {
	p := Page[T]{Items: rows}
	if rows == nil {
		p.Items = []T{}
	}
	if len(rows) > r.Limit {
		p.Items = rows[:r.Limit]
		p.NextCursor = r.seal(key(rows[r.Limit-1], r.Order))
	}
	return p
}

func (r Request) mac(payload []byte) []byte {
	h := hmac.New(sha256.New, r.signer.Key)
	h.Write([]byte(r.scope))
	h.Write([]byte{0})
	h.Write(payload)
	return h.Sum(nil)[:macLength]
}

func (r Request) seal(values []string) string {
	payload, _ := json.Marshal(values) // strings only
	return base64.RawURLEncoding.EncodeToString(append(r.mac(payload), payload...))
}

func (r Request) open(cursor string) ([]string, bool) {
	raw, err := base64.RawURLEncoding.DecodeString(cursor)
	if err != nil || len(raw) < macLength || !hmac.Equal(raw[:macLength], r.mac(raw[macLength:])) {
		return nil, false
	}
	var values []string
	err = json.Unmarshal(raw[macLength:], &values)
	return values, err == nil && len(values) == len(r.Order.Columns)
}

// Orders are the sorts that a list offers; the first is its own.
type Orders []Order

func (o Orders) find(name string) (Order, bool) {
	for _, order := range o {
		if order.Name == name {
			return order, true
		}
	}
	return Order{}, false
}

// Has says whether there is a sort of that name.
func (o Orders) Has(name string) bool {
	_, ok := o.find(name)
	return ok
}

func (o Orders) names() string {
	var all []string
	for _, order := range o {
		all = append(all, order.Name)
	}
	return strings.Join(all, ", ")
}
