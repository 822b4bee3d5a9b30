package ssm

import (
	"context"
	"strconv"
	"strings"

	"apex/internal/api"
	"apex/internal/api/ssmapi"
	"apex/internal/arn"
	"apex/internal/store"
)

func scopeOf(call *api.Call) arn.Scope { return arn.Scope{Account: call.Account, Region: call.Region} }

// split takes a reference to a parameter apart: its name or ARN, and the version
// or label behind a colon.
func split(scope arn.Scope, ref string) (name, selector string) {
	head := scope.ARN(signingName, "parameter/")
	rest, isARN := strings.CutPrefix(ref, head)
	if !isARN && strings.HasPrefix(ref, "arn:") {
		return ref, "" // of another account or region: there is none
	}
	name, selector, ok := strings.Cut(rest, ":")
	if isARN && strings.Contains(name, "/") {
		name = "/" + name
	}
	if ok {
		selector = ":" + selector
	}
	return name, selector
}

// lookup finds a parameter by its name. In an ARN "parameter/x" stands for "x"
// and for "/x".
func lookup(r store.Reader, scope arn.Scope, ref, name string) (Parameter, bool) {
	p, ok := Parameters.Get(r, scope.Key(name))
	if !ok && strings.HasPrefix(ref, "arn:") {
		p, ok = Parameters.Get(r, scope.Key("/"+name))
	}
	return p, ok
}

// find returns the parameter that a reference names, and its version.
func find(r store.Reader, scope arn.Scope, ref string) (p Parameter, v Version, selector string, err error) {
	name, selector := split(scope, ref)
	p, ok := lookup(r, scope, ref, name)
	if !ok {
		return p, v, selector, ssmapi.NewParameterNotFound("Parameter %s not found.", name)
	}
	if selector == "" {
		return p, *p.latest(), "", nil
	}
	wanted := selector[1:]
	at := p.byLabel(wanted)
	number, numeric := strconv.ParseInt(wanted, 10, 64)
	if numeric == nil {
		at = p.byNumber(number)
	}
	switch {
	case at >= 0:
		return p, p.Spec.Versions[at], selector, nil
	case numeric == nil:
		err = ssmapi.NewParameterVersionNotFound("Systems Manager could not find version %s of %s. Verify the version and try again.", wanted, name)
	default:
		err = ssmapi.NewParameterVersionNotFound("Systems Manager could not find label %s of %s. Verify the label and try again.", wanted, name)
	}
	return p, v, selector, err
}

// change edits a parameter in one transaction.
func (s *Service) change(ctx context.Context, call *api.Call, name *string, missing func() error, edit func(*Parameter) error) error {
	return s.env.Store.Update(ctx, func(tx *store.Tx) error {
		bare, _ := split(scopeOf(call), api.Val(name))
		p, ok := lookup(tx, scopeOf(call), api.Val(name), bare)
		if !ok {
			return missing()
		}
		var err error
		Parameters.Modify(tx, p.Key, func(own *Parameter) { err = edit(own) })
		return err
	})
}

func notFound(name *string) func() error {
	return func() error { return ssmapi.NewParameterNotFound("Parameter %s not found.", api.Val(name)) }
}
