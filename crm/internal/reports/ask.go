package reports

import (
	"net/url"
	"strconv"
	"strings"
	"time"

	"apexai/crm/internal/filter"
	"apexai/crm/internal/id"
	"apexai/crm/internal/problem"
	"apexai/crm/internal/tenant"
	"apexai/crm/internal/zone"
)

// An Ask is what a report is about: a range of days in somebody's time zone,
// and, if given, one pipeline and one owner.
type Ask struct {
	From, To        time.Time // the first moment, and the first one after the last day
	Pipeline, Owner *id.ID
	zone            *time.Location
	now             time.Time
}

const (
	defaultMonths = 12
	maxMonths     = 60
)

// read takes an Ask from a URL's query. Without a range it is the last twelve
// months, this one included.
func read(values url.Values, now time.Time) (a Ask, err error) {
	a.zone, a.now = time.UTC, now
	if v := values.Get("zone"); v != "" {
		if a.zone, err = zone.Load(v); err != nil {
			return a, problem.Syntax("zone is not one such as Europe/Berlin")
		}
	}
	today := zone.Today(now, a.zone)
	from, last := zone.Day(today.Year(), today.Month()-defaultMonths+1, 1), today
	for name, into := range map[string]*time.Time{"from": &from, "to": &last} {
		v := values.Get(name)
		if v == "" {
			continue
		}
		if *into, err = time.Parse(time.DateOnly, v); err != nil {
			return a, problem.Syntax(name + " is not a date such as 2027-01-31")
		}
	}
	if last.Before(from) || from.Year() < 1970 || last.After(from.AddDate(0, maxMonths, 0)) {
		return a, problem.Syntax("a range goes from a day to a later one, over at most five years")
	}
	a.From, a.To = zone.Begins(from, a.zone), zone.Begins(last.AddDate(0, 0, 1), a.zone)
	for name, into := range map[string]**id.ID{"pipelineId": &a.Pipeline, "ownerId": &a.Owner} {
		if v := values.Get(name); v != "" {
			parsed, err := id.Parse(v)
			if err != nil {
				return a, problem.Syntax(name + " is not an id")
			}
			*into = &parsed
		}
	}
	return a, nil
}

// key tells one Ask of a workspace from every other.
func (a Ask) key(t tenant.Tenant) string {
	parts := []string{strconv.FormatUint(uint64(t.Workspace), 10), a.From.Format(time.RFC3339), a.To.Format(time.RFC3339), a.zone.String(), "", ""}
	if a.Pipeline != nil {
		parts[4] = a.Pipeline.String()
	}
	if a.Owner != nil {
		parts[5] = a.Owner.String()
	}
	return strings.Join(parts, " ")
}

// deals is the condition on deals d of a workspace that the Ask makes.
func (a Ask) deals() (string, []any) {
	sql, args := " AND d.deleted_at IS NULL", []any(nil)
	if a.Pipeline != nil {
		sql, args = sql+" AND d.pipeline_id = ?", append(args, *a.Pipeline)
	}
	if a.Owner != nil {
		sql, args = sql+" AND d.owner_id = ?", append(args, *a.Owner)
	}
	return sql, args
}

// narrowed is the filter of the list of deals that a figure counts.
func (a Ask) narrowed(more ...filter.Node) filter.Node {
	var all []filter.Node
	if a.Pipeline != nil {
		all = append(all, filter.Leaf("pipeline", filter.Equal, *a.Pipeline))
	}
	if a.Owner != nil {
		all = append(all, filter.Leaf("owner", filter.Equal, *a.Owner))
	}
	return filter.All(append(all, more...)...)
}

// within holds for times from a moment until before another.
func within(field string, from, to time.Time) []filter.Node {
	return []filter.Node{
		filter.Leaf(field, filter.AtLeast, from.UTC().Format(time.RFC3339)),
		filter.Leaf(field, filter.Less, to.UTC().Format(time.RFC3339)),
	}
}

// A month of a calendar in the asker's zone, cut to the range.
type month struct {
	name     string // 2027-01
	from, to time.Time
}

func (a Ask) months() []month {
	var all []month
	for from := a.From; from.Before(a.To); {
		day := zone.Today(from, a.zone)
		next := zone.Begins(zone.Day(day.Year(), day.Month()+1, 1), a.zone)
		if next.After(a.To) {
			next = a.To
		}
		all = append(all, month{day.Format("2006-01"), from, next})
		from = next
	}
	return all
}
