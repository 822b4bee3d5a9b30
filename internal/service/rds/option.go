package rds

import (
	"context"
	"maps"
	"slices"
	"strings"

	"apex/internal/api"
	"apex/internal/api/rdsapi"
	"apex/internal/store"
)

// An optionOffer is an option that a group may have.
type optionOffer struct {
	name, engine string
	majors       []string
	description  string
	port         int64 // that it listens on; 0: it does not
	settings     []optionSetting
}

type optionSetting struct{ name, preset, description string }

// optionOffers are the options of MySQL's and MariaDB's groups, in order of their
// names.
var optionOffers = []optionOffer{
	{"MARIADB_AUDIT_PLUGIN", "mysql", []string{"8.0", "8.4"}, "MariaDB Audit Plugin", 0, auditSettings},
	{"MARIADB_AUDIT_PLUGIN", "mariadb", []string{"10.11"}, "MariaDB Audit Plugin", 0, auditSettings},
	{"MEMCACHED", "mysql", []string{"8.0"}, "Innodb Memcached for MySQL", 11211, []optionSetting{
		{"DAEMON_MEMCACHED_R_BATCH_SIZE", "1", "Reads before a commit"},
		{"DAEMON_MEMCACHED_W_BATCH_SIZE", "1", "Writes before a commit"},
		{"MAX_SIMULTANEOUS_CONNECTIONS", "1024", "Connections at a time"},
		{"VERBOSITY", "v", "Verbosity of the log"},
	}},
}

var auditSettings = []optionSetting{
	{"SERVER_AUDIT", "FORCE_PLUS_PERMANENT", "Whether the plugin can be unloaded"},
	{"SERVER_AUDIT_EVENTS", "CONNECT,QUERY", "Which events are logged"},
	{"SERVER_AUDIT_EXCL_USERS", "", "Users that are not logged"},
	{"SERVER_AUDIT_FILE_PATH", "/rdsdbdata/log/audit/", "Where the logs lie"},
	{"SERVER_AUDIT_FILE_ROTATIONS", "9", "How many logs are kept"},
	{"SERVER_AUDIT_FILE_ROTATE_SIZE", "1000000", "Size of a log in bytes"},
	{"SERVER_AUDIT_INCL_USERS", "", "Users that alone are logged"},
	{"SERVER_AUDIT_LOGGING", "ON", "Whether anything is logged"},
	{"SERVER_AUDIT_QUERY_LOG_LIMIT", "1024", "Length of a query in the log"},
}

func findOption(engine, major, name string) (optionOffer, error) {
	for _, o := range optionOffers {
		if o.name == name && o.engine == engine && slices.Contains(o.majors, major) {
			return o, nil
		}
	}
	return optionOffer{}, invalid("Invalid option: %s for engine %s %s", name, engine, major)
}

// option checks what a caller configures.
func (g OptionGroupSpec) option(c rdsapi.OptionConfiguration) (Option, error) {
	offer, err := findOption(g.Engine, g.Major, *c.OptionName)
	if err != nil {
		return Option{}, err
	}
	o := Option{Name: offer.name, Version: api.Val(c.OptionVersion), Port: api.Or(c.Port, offer.port), GroupIDs: c.VpcSecurityGroupMemberships, Settings: map[string]string{}}
	if offer.port == 0 && c.Port != nil {
		return o, combination("Port cannot be specified for option %s", o.Name)
	}
	for _, set := range c.OptionSettings {
		name := api.Val(set.Name)
		if !slices.ContainsFunc(offer.settings, func(s optionSetting) bool { return s.name == name }) {
			return o, invalid("Invalid option setting: %s for option %s", name, o.Name)
		}
		o.Settings[name] = api.Val(set.Value)
	}
	return o, nil
}

// describe gives an option back: all its settings, those left alone with their
// defaults, as RDS does.
func (o Option) describe() rdsapi.Option {
	out := rdsapi.Option{
		OptionName: api.Ptr(o.Name), OptionVersion: optional(o.Version), Port: positive(o.Port), Persistent: api.Ptr(false), Permanent: api.Ptr(false),
		DBSecurityGroupMemberships: []rdsapi.DBSecurityGroupMembership{}, OptionSettings: []rdsapi.OptionSetting{},
	}
	for _, id := range o.GroupIDs {
		out.VpcSecurityGroupMemberships = append(out.VpcSecurityGroupMemberships, rdsapi.VpcSecurityGroupMembership{VpcSecurityGroupId: api.Ptr(id), Status: api.Ptr("active")})
	}
	i := slices.IndexFunc(optionOffers, func(offer optionOffer) bool { return offer.name == o.Name })
	if i < 0 {
		return out
	}
	out.OptionDescription = api.Ptr(optionOffers[i].description)
	for _, s := range optionOffers[i].settings {
		d := rdsapi.OptionSetting{
			Name: api.Ptr(s.name), DefaultValue: optional(s.preset), Value: optional(s.preset), Description: api.Ptr(s.description),
			ApplyType: api.Ptr("DYNAMIC"), DataType: api.Ptr("STRING"), IsModifiable: api.Ptr(true), IsCollection: api.Ptr(false),
		}
		if value, ok := o.Settings[s.name]; ok {
			d.Value = api.Ptr(value)
		}
		out.OptionSettings = append(out.OptionSettings, d)
	}
	return out
}

func (s *Service) modifyOptionGroup(ctx context.Context, call *api.Call, in *rdsapi.ModifyOptionGroupMessage) (*rdsapi.ModifyOptionGroupResult, error) {
	var g OptionGroup
	err := s.env.Store.Update(ctx, func(tx *store.Tx) (err error) {
		if g, err = findOptionGroup(tx, scopeOf(call), *in.OptionGroupName); err != nil {
			return err
		}
		if isDefaultOptions(g.Name()) {
			return rdsapi.NewInvalidOptionGroupStateFault("The default option group %s cannot be modified.", g.Name())
		}
		options := map[string]Option{}
		for _, o := range g.Spec.Options {
			options[o.Name] = o
		}
		for _, name := range in.OptionsToRemove {
			delete(options, name)
		}
		for _, c := range in.OptionsToInclude {
			o, err := g.Spec.option(c)
			if err != nil {
				return err
			}
			options[o.Name] = o
		}
		g.Spec.Options = slices.SortedFunc(maps.Values(options), func(a, b Option) int { return strings.Compare(a.Name, b.Name) })
		OptionGroups.Put(tx, g)
		return nil
	})
	if err != nil {
		return nil, err
	}
	return &rdsapi.ModifyOptionGroupResult{OptionGroup: describeOptionGroup(scopeOf(call), g)}, nil
}

func (s *Service) copyOptionGroup(ctx context.Context, call *api.Call, in *rdsapi.CopyOptionGroupMessage) (*rdsapi.CopyOptionGroupResult, error) {
	name, err := checkGroupName("TargetOptionGroupIdentifier", *in.TargetOptionGroupIdentifier)
	if err != nil {
		return nil, err
	}
	tags, err := tagsOf(in.Tags)
	if err != nil {
		return nil, err
	}
	var g OptionGroup
	err = s.env.Store.Update(ctx, func(tx *store.Tx) (err error) {
		if g, err = findOptionGroup(tx, scopeOf(call), *in.SourceOptionGroupIdentifier); err != nil {
			return err
		}
		g.Key, g.Spec.Description, g.Spec.Tags = scopeOf(call).Key(name), *in.TargetOptionGroupDescription, tags
		if _, ok := OptionGroups.Get(tx, g.Key); ok {
			return rdsapi.NewOptionGroupAlreadyExistsFault("An option group with name %s already exists.", name)
		}
		OptionGroups.Put(tx, g)
		return nil
	})
	if err != nil {
		return nil, err
	}
	return &rdsapi.CopyOptionGroupResult{OptionGroup: describeOptionGroup(scopeOf(call), g)}, nil
}

func (s *Service) describeOptionOffers(_ context.Context, _ *api.Call, in *rdsapi.DescribeOptionGroupOptionsMessage) (*rdsapi.OptionGroupOptionsMessage, error) {
	out := &rdsapi.OptionGroupOptionsMessage{OptionGroupOptions: []rdsapi.OptionGroupOption{}}
	for _, o := range optionOffers {
		for _, major := range o.majors {
			if o.engine != *in.EngineName || major != api.Or(in.MajorEngineVersion, major) {
				continue
			}
			d := rdsapi.OptionGroupOption{
				Name: api.Ptr(o.name), Description: api.Ptr(o.description), EngineName: api.Ptr(o.engine), MajorEngineVersion: api.Ptr(major),
				PortRequired: api.Ptr(o.port != 0), DefaultPort: positive(o.port), Persistent: api.Ptr(false), Permanent: api.Ptr(false),
			}
			for _, s := range o.settings {
				d.OptionGroupOptionSettings = append(d.OptionGroupOptionSettings, rdsapi.OptionGroupOptionSetting{
					SettingName: api.Ptr(s.name), DefaultValue: optional(s.preset), SettingDescription: api.Ptr(s.description),
					ApplyType: api.Ptr("DYNAMIC"), IsModifiable: api.Ptr(true),
				})
			}
			out.OptionGroupOptions = append(out.OptionGroupOptions, d)
		}
	}
	return out, nil
}
