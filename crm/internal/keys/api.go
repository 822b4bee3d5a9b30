package keys

import (
	"context"
	"slices"
	"strings"
	"time"

	"apexai/crm/internal/check"
	"apexai/crm/internal/tenant"
	"apexai/crm/internal/web"
)

// An API serves keys to admins.
type API struct {
	Store Store
	// Resources are what scopes can be of; asked when it is needed, as it
	// depends on all subjects' routes.
	Resources func() []string
}

// Routes are the API's operations below /api/v1.
func (a API) Routes() []web.Route {
	return []web.Route{
		{Pattern: "GET /keys", Summary: "List API keys", Needs: tenant.Admin, Operation: web.Read(a.list)},
		{Pattern: "POST /keys", Summary: "Make an API key", Needs: tenant.Admin, Operation: web.Create(a.create)},
		{Pattern: "DELETE /keys/{id}", Summary: "Remove an API key", Needs: tenant.Admin, Operation: web.Remove(a.remove)},
	}
}

// Shown is a key as the API shows it.
type Shown struct {
	Key
	Scopes []string `json:"scopes"`
	Secret string   `json:"secret,omitempty"` // of a new key, this once
}

// Location is where the key is listed.
func (Shown) Location() string { return "/api/v1/keys" }

func (k Key) shown() Shown { return Shown{Key: k, Scopes: strings.Fields(string(k.Scopes))} }

// List is all keys, and what scopes a new one could have.
type List struct {
	Items     []Shown  `json:"items"`
	Resources []string `json:"resources"`
}

func (a API) list(ctx context.Context, c *web.Call) (List, error) {
	all, err := a.Store.List(ctx, c.Tenant)
	l := List{Items: []Shown{}, Resources: a.Resources()}
	for _, k := range all {
		l.Items = append(l.Items, k.shown())
	}
	return l, err
}

// A Draft is what an admin says of a new key.
type Draft struct {
	Name      string     `json:"name"`
	Scopes    []string   `json:"scopes"`    // "people:read", "deals:write", "*:read"; writing includes reading
	ExpiresAt *time.Time `json:"expiresAt"` // null: never
}

func (a API) create(ctx context.Context, c *web.Call, d Draft) (Shown, error) {
	var f check.Faults
	f.Line("/name", &d.Name, 80)
	if d.Name == "" {
		f.Add("/name", "required", "a key needs a name, to know it by later")
	}
	scopes := a.scopes(&f, d.Scopes)
	if d.ExpiresAt != nil && !d.ExpiresAt.After(a.Store.Now()) {
		f.Add("/expiresAt", "past", "this is over already")
	}
	if err := f.Problem(); err != nil {
		return Shown{}, err
	}
	k, secret, err := a.Store.Create(ctx, c.Tenant, d.Name, scopes, d.ExpiresAt)
	shown := k.shown()
	shown.Secret = secret
	return shown, err
}

func (a API) scopes(f *check.Faults, list []string) tenant.Scopes {
	known := append(a.Resources(), "*")
	for _, scope := range list {
		resource, do, _ := strings.Cut(scope, ":")
		if !slices.Contains(known, resource) || do != tenant.Reading && do != tenant.Writing {
			f.Add("/scopes", "unknown", "there is no scope "+scope)
		}
	}
	if len(list) == 0 {
		f.Add("/scopes", "required", "what is the key for?")
	}
	all := strings.Join(slices.Compact(slices.Sorted(slices.Values(list))), " ")
	if len(all) > 1000 {
		f.Add("/scopes", "too-long", "too many: use *:read or *:write")
	}
	return tenant.Scopes(all)
}

func (a API) remove(ctx context.Context, c *web.Call) error {
	which, err := c.ID("key")
	if err != nil {
		return err
	}
	return a.Store.Remove(ctx, c.Tenant, which)
}
