package ssm

import (
	"slices"
	"strings"

	"apex/internal/api"
	"apex/internal/api/ssmapi"
)

// filters are those of DescribeParameters and GetParametersByPath: a parameter
// passes when each of them has a value that fits.
type filters []ssmapi.ParameterStringFilter

// filtersOf refuses filters whose key is none of those known, or whose option
// does not go with the key.
func filtersOf(list []ssmapi.ParameterStringFilter, known ...string) (filters, error) {
	for _, f := range list {
		key, _, _ := strings.Cut(api.Val(f.Key), ":")
		if !slices.Contains(known, key) {
			return nil, ssmapi.NewInvalidFilterKey("The specified key isn't valid: %s", api.Val(f.Key))
		}
		option := optionOf(&f)
		good := option == "Equals" || option == "BeginsWith" || option == "Contains" && key == "Name"
		if key == "Path" {
			good = option == "OneLevel" || option == "Recursive"
		}
		if !good {
			return nil, ssmapi.NewInvalidFilterOption("The specified filter option isn't valid for %s: %s", key, option)
		}
		if len(f.Values) == 0 && key != "tag" {
			return nil, ssmapi.NewInvalidFilterValue("The filter value isn't valid. Verify the value and try again.")
		}
	}
	return list, nil
}

// oldFilters puts filters of the older kind, which compare the beginnings of
// names, in terms of the newer.
func oldFilters(list []ssmapi.ParametersFilter) (out []ssmapi.ParameterStringFilter) {
	for _, f := range list {
		option := "Equals"
		if api.Val(f.Key) == ssmapi.ParametersFilterKeyName {
			option = "BeginsWith"
		}
		out = append(out, ssmapi.ParameterStringFilter{Key: f.Key, Option: &option, Values: f.Values})
	}
	return out
}

func optionOf(f *ssmapi.ParameterStringFilter) string {
	if api.Val(f.Key) == "Path" {
		return api.Or(f.Option, "OneLevel")
	}
	return api.Or(f.Option, "Equals")
}

func (list filters) pass(p *Parameter) bool {
	for _, f := range list {
		if !passes(&f, p) {
			return false
		}
	}
	return true
}

func passes(f *ssmapi.ParameterStringFilter, p *Parameter) bool {
	key, v := api.Val(f.Key), p.latest()
	option := optionOf(f)
	if name, ok := strings.CutPrefix(key, "tag:"); ok {
		value, there := p.Spec.Tags[name]
		return there && (len(f.Values) == 0 || fits(option, value, f.Values))
	}
	switch key {
	case "Path":
		return slices.ContainsFunc(f.Values, func(path string) bool { return below(p.Spec.Name, path, option == "Recursive") })
	case "Name":
		return fits(option, p.Spec.Name, f.Values) || fits(option, strings.TrimPrefix(p.Spec.Name, "/"), f.Values)
	case "Type":
		return fits(option, v.Type, f.Values)
	case "KeyId":
		return fits(option, v.KeyID, f.Values)
	case "Tier":
		return fits(option, v.Tier, f.Values)
	case "DataType":
		return fits(option, v.DataType, f.Values)
	case "Label":
		return slices.ContainsFunc(f.Values, func(label string) bool { return p.byLabel(label) >= 0 })
	}
	return false
}

func fits(option, have string, wanted []string) bool {
	return slices.ContainsFunc(wanted, func(w string) bool {
		switch option {
		case "BeginsWith":
			return strings.HasPrefix(have, w)
		case "Contains":
			return strings.Contains(have, w)
		}
		return have == w
	})
}

// version returns the version that a filter for a label chooses, else the last.
func (list filters) version(p *Parameter) (*Version, string) {
	for _, f := range list {
		if api.Val(f.Key) != "Label" {
			continue
		}
		for _, label := range f.Values {
			if at := p.byLabel(label); at >= 0 {
				return &p.Spec.Versions[at], ":" + label
			}
		}
	}
	return p.latest(), ""
}
