package stack

import (
	"fmt"
	"net/netip"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// A form is a type that is written as one scalar.
type form interface {
	// Form is a regular expression of what may be written, for editors.
	Form() string
}

// A Prefix is a block of IPv4 addresses: 10.0.0.0/16.
type Prefix struct{ netip.Prefix }

// UnmarshalText reads a block whose host bits are zero.
func (p *Prefix) UnmarshalText(text []byte) error {
	prefix, err := netip.ParsePrefix(string(text))
	if err != nil || !prefix.Addr().Is4() {
		return fmt.Errorf("%q is no block of IPv4 addresses such as 10.0.0.0/16", text)
	}
	if prefix != prefix.Masked() {
		return fmt.Errorf("%s has bits set behind its mask: the block is %s", prefix, prefix.Masked())
	}
	p.Prefix = prefix
	return nil
}

// Form describes a block for editors.
func (Prefix) Form() string { return `^\d+\.\d+\.\d+\.\d+/\d+$` }

// A Compression says whether the balancer compresses responses.
type Compression string

// What a balancer may do to responses.
const (
	CompressionNone Compression = "none"
	CompressionGzip Compression = "gzip"
)

// UnmarshalText reads one of the two.
func (c *Compression) UnmarshalText(text []byte) error {
	if k := Compression(text); k != CompressionNone && k != CompressionGzip {
		return fmt.Errorf("%q is neither none nor gzip", text)
	}
	*c = Compression(text)
	return nil
}

// Form is the regular expression of its text.
func (Compression) Form() string { return `^(none|gzip)$` }

// A NAT says how private subnets reach the internet.
type NAT string

// The ways out of a private subnet.
const (
	NATNone    NAT = "none"
	NATSingle  NAT = "single"
	NATPerZone NAT = "per-zone"
)

// UnmarshalText reads one of the three ways.
func (n *NAT) UnmarshalText(text []byte) error {
	ways := []NAT{NATNone, NATSingle, NATPerZone}
	if !slices.Contains(ways, NAT(text)) {
		return fmt.Errorf("%q is none of none, single and per-zone", text)
	}
	*n = NAT(text)
	return nil
}

// Form describes the ways for editors.
func (NAT) Form() string { return `^(none|single|per-zone)$` }

// A Percent is a share: 70%.
type Percent int

var percentForm = regexp.MustCompile(`^(\d{1,3}) ?%$`)

// UnmarshalText reads a number with its percent sign.
func (p *Percent) UnmarshalText(text []byte) error {
	m := percentForm.FindSubmatch(text)
	if m == nil {
		return fmt.Errorf("%q is no percentage such as 70%%", text)
	}
	n, err := strconv.Atoi(string(m[1]))
	if err != nil || n < 1 || n > 100 {
		return fmt.Errorf("%s is not between 1%% and 100%%", text)
	}
	*p = Percent(n)
	return nil
}

// Form describes a percentage for editors.
func (Percent) Form() string { return percentForm.String() }

// A Count is how many tasks a service keeps, and when it takes more.
type Count struct {
	Min int     `yaml:"min" doc:"The least number of tasks."`
	Max int     `yaml:"max" doc:"The largest number of tasks."`
	CPU Percent `yaml:"cpu" doc:"The CPU use to aim at; tasks are added above it and taken away below."`
	// Of several aims the one that needs the most tasks wins.
	Memory   Percent `yaml:"memory" doc:"The memory use to aim at."`
	Requests int     `yaml:"requests" doc:"The requests to aim at, of a task in a minute; for services with http."`
}

// UnmarshalText reads a fixed number of tasks.
func (c *Count) UnmarshalText(text []byte) error {
	n, err := strconv.Atoi(string(text))
	if err != nil {
		return fmt.Errorf("%q is no number of tasks", text)
	}
	*c = Count{Min: n, Max: n}
	return nil
}

// Form describes a fixed number for editors.
func (Count) Form() string { return `^\d+$` }

// Scales reports whether the number of tasks follows the load.
func (c Count) Scales() bool { return c.Max > c.Min }

// aimed reports whether anything says when to scale.
func (c Count) aimed() bool { return c.CPU != 0 || c.Memory != 0 || c.Requests != 0 }

// Days is a time in whole days: 7 days.
type Days int

var daysForm = regexp.MustCompile(`^(\d{1,5}) ?(d|day|days)$`)

// UnmarshalText reads a number with its unit.
func (d *Days) UnmarshalText(text []byte) error {
	m := daysForm.FindSubmatch(text)
	if m == nil {
		return fmt.Errorf("%q is no number of days such as 7 days", text)
	}
	n, err := strconv.Atoi(string(m[1]))
	*d = Days(n)
	return err
}

// Form describes a number of days for editors.
func (Days) Form() string { return daysForm.String() }

// Seconds is a time in whole seconds, written as Go writes it: 30s, 5m.
type Seconds int

// UnmarshalText reads a duration of whole seconds.
func (s *Seconds) UnmarshalText(text []byte) error {
	d, err := time.ParseDuration(string(text))
	if err != nil || d < 0 || d%time.Second != 0 {
		return fmt.Errorf("%q is no time in whole seconds such as 30s or 5m", text)
	}
	*s = Seconds(d / time.Second)
	return nil
}

// Form describes a time for editors.
func (Seconds) Form() string { return `^(\d+h)?(\d+m)?(\d+s)?$` }

// A Storage is a size in GiB and the bound to which it may grow by itself.
type Storage struct{ Min, Max int }

var storageForm = regexp.MustCompile(`^(\d{1,6})(?: ?- ?(\d{1,6}))? ?(?:GiB|GB)$`)

// UnmarshalText reads "20 GiB" or "20-40 GiB".
func (s *Storage) UnmarshalText(text []byte) error {
	m := storageForm.FindSubmatch(text)
	if m == nil {
		return fmt.Errorf("%q is no size such as 20 GiB or 20-40 GiB", text)
	}
	least, err := strconv.Atoi(string(m[1]))
	if err != nil {
		return err
	}
	most := least
	if len(m[2]) > 0 {
		most, err = strconv.Atoi(string(m[2]))
	}
	*s = Storage{Min: least, Max: most}
	return err
}

// Form describes a size for editors.
func (Storage) Form() string { return storageForm.String() }

// An Engine is a product with a version: mysql 8.0.
type Engine struct{ Name, Version string }

var engineForm = regexp.MustCompile(`^([a-z]+) (\d+(?:\.\d+){0,2})$`)

// UnmarshalText reads a product and its version.
func (e *Engine) UnmarshalText(text []byte) error {
	m := engineForm.FindStringSubmatch(string(text))
	if m == nil {
		return fmt.Errorf("%q is no engine with its version such as mysql 8.0", text)
	}
	*e = Engine{Name: m[1], Version: m[2]}
	return nil
}

// Form describes an engine for editors.
func (Engine) Form() string { return engineForm.String() }

// String returns "mysql 8.0".
func (e Engine) String() string { return strings.TrimSpace(e.Name + " " + e.Version) }
