package wafv2

import (
	"context"
	"slices"
	"strings"

	"apex/internal/api"
	"apex/internal/api/wafv2api"
	"apex/internal/arn"
	"apex/internal/awsid"
	"apex/internal/store"
	"apex/internal/tag"
)

const cloudFront = "CLOUDFRONT"

// place is where the items of a kind lie that a request's scope names.
func place(call *api.Call, scope string, kind Kind) string {
	return arn.Scope{Account: call.Account, Region: call.Region}.Key(scope + "/" + string(kind) + "/")
}

func missing() error {
	return wafv2api.NewWAFNonexistentItemException("AWS WAF couldn’t perform the operation because your resource doesn’t exist.")
}

// newItem makes an item of the next id, and its ARN.
func newItem(call *api.Call, kind Kind, scope, name string, description *string, in []wafv2api.Tag) (Item, error) {
	tags, err := tagsOf(in)
	if err != nil {
		return Item{}, err
	}
	if scope == cloudFront && call.Region != "us-east-1" {
		return Item{}, badParameter("the scope is not valid., field: SCOPE_VALUE, parameter: CLOUDFRONT")
	}
	const letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_"
	if name == "" || strings.Trim(name, letters) != "" {
		return Item{}, api.Invalid("ValidationException", "1 validation error detected: Value '%s' at 'name' failed to satisfy constraint: Member must satisfy regular expression pattern: ^[\\w\\-]+$", name)
	}
	id, area := awsid.UUID(), "regional"
	if scope == cloudFront {
		area = "global"
	}
	return Item{Key: place(call, scope, kind) + id, Spec: ItemSpec{
		Kind: kind, ID: id, Name: name, Scope: scope, Description: description, Tags: tags, Lock: awsid.UUID(),
		ARN: arn.Scope{Account: call.Account, Region: call.Region}.ARN("wafv2", area+"/"+string(kind)+"/"+name+"/"+id),
	}}, nil
}

func badParameter(format string, args ...any) error {
	return wafv2api.NewWAFInvalidParameterException("Error reason: "+format, args...)
}

// add puts a new item unless there is one of its name.
func (s *Service) add(ctx context.Context, item Item, check func(*store.Tx) error) (wafv2api.WebACLSummary, error) {
	return summaryOf(item), s.store.Update(ctx, func(tx *store.Tx) error {
		for _, other := range Items.Prefix(tx, strings.TrimSuffix(item.Key, item.Spec.ID)) {
			if other.Spec.Name == item.Spec.Name {
				return wafv2api.NewWAFDuplicateItemException("AWS WAF couldn’t perform the operation because some resource in your request is a duplicate of an existing one.")
			}
		}
		if err := check(tx); err != nil {
			return err
		}
		Items.Put(tx, item)
		return nil
	})
}

func summaryOf(item Item) wafv2api.WebACLSummary {
	spec := item.Spec
	description := spec.Description
	if description == nil {
		description = new(string)
	}
	return wafv2api.WebACLSummary{Name: &spec.Name, Id: &spec.ID, Description: description, LockToken: &spec.Lock, ARN: &spec.ARN}
}

// find returns the item of an id; its name must be right, too.
func find(r store.Reader, call *api.Call, kind Kind, scope, id, name *string) (Item, error) {
	item, ok := Items.Get(r, place(call, *scope, kind)+*id)
	if !ok || item.Spec.Name != *name {
		return item, missing()
	}
	return item, nil
}

// findARN returns the item that an ARN names.
func findARN(r store.Reader, text string) (Item, error) {
	name, err := arn.Parse(text)
	parts := strings.Split(name.Resource, "/")
	if err != nil || name.Service != "wafv2" || len(parts) != 4 {
		return Item{}, badParameter("The ARN isn't valid. A valid ARN begins with arn: and includes other information separated by colons or slashes., field: RESOURCE_ARN, parameter: %s", text)
	}
	scope := "REGIONAL"
	if parts[0] == "global" {
		scope = cloudFront
	}
	item, ok := Items.Get(r, name.Scope().Key(scope+"/"+parts[1]+"/"+parts[3]))
	if !ok || item.Spec.ARN != text {
		return item, missing()
	}
	return item, nil
}

// change edits an item whose lock token the request brings, and returns the next.
func (s *Service) change(ctx context.Context, call *api.Call, kind Kind, scope, id, name, lock *string, edit func(*store.Tx, *Item) error) (*string, error) {
	next := awsid.UUID()
	return &next, s.store.Update(ctx, func(tx *store.Tx) error {
		item, err := find(tx, call, kind, scope, id, name)
		if err == nil {
			err = locked(item, lock)
		}
		if err == nil {
			err = edit(tx, &item)
		}
		if err != nil {
			return err
		}
		item.Spec.Lock = next
		Items.Put(tx, item)
		return nil
	})
}

// locked refuses a change by who has not seen the last one.
func locked(item Item, lock *string) error {
	if *lock != item.Spec.Lock {
		return wafv2api.NewWAFOptimisticLockException("AWS WAF couldn’t save your changes because someone changed the resource after you started to edit it. Reapply your changes.")
	}
	return nil
}

// drop deletes an item that nothing uses.
func (s *Service) drop(ctx context.Context, call *api.Call, kind Kind, scope, id, name, lock *string) error {
	return s.store.Update(ctx, func(tx *store.Tx) error {
		item, err := find(tx, call, kind, scope, id, name)
		if err == nil {
			err = locked(item, lock)
		}
		if err != nil {
			return err
		}
		if used(tx, item) {
			return wafv2api.NewWAFAssociatedItemException("AWS WAF couldn’t perform the operation because your resource is being used by another resource or it’s associated with another resource.")
		}
		Items.Delete(tx, item.Key)
		Loggings.Delete(tx, item.Spec.ARN)
		return nil
	})
}

// used tells whether a resource is guarded by an item, or another refers to it.
func used(r store.Reader, item Item) bool {
	if item.Spec.Kind == KindACL {
		for _, a := range Associations.All(r) {
			if a.ACL == item.Spec.ARN && exists(r, a.Key) {
				return true
			}
		}
		return false
	}
	scope, _ := arn.SplitKey(item.Key)
	for _, other := range Items.Prefix(r, scope.Prefix()) {
		if slices.Contains(references(other.rules()), item.Spec.ARN) {
			return true
		}
	}
	return false
}

// rules are those of a web ACL or rule group.
func (i Item) rules() []wafv2api.Rule {
	switch {
	case i.Spec.ACL != nil:
		return i.Spec.ACL.Rules
	case i.Spec.Group != nil:
		return i.Spec.Group.Rules
	}
	return nil
}

// listed returns a page of the items of a kind.
func (s *Service) listed(call *api.Call, kind Kind, scope string, limit *int64, marker *string) ([]wafv2api.WebACLSummary, *string) {
	all, after := []wafv2api.WebACLSummary{}, api.Val(marker)
	for _, item := range Items.Prefix(s.store.Snapshot(), place(call, scope, kind)) {
		if item.Spec.ID > after {
			all = append(all, summaryOf(item))
		}
	}
	if most := int(api.Or(limit, 100)); len(all) > most {
		return all[:most], all[most-1].Id
	}
	return all, nil
}

func tagsOf(in []wafv2api.Tag) (tag.Tags, error) {
	tags := tag.Tags{}
	for _, t := range in {
		tags[*t.Key] = *t.Value
	}
	if err := tags.Validate(); err != nil {
		return nil, wafv2api.NewWAFTagOperationException("%v", err)
	}
	return tags, nil
}
