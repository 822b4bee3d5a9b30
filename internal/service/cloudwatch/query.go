package cloudwatch

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"apex/internal/dataplane/series"
	"apex/internal/service/cloudwatch/metricmath"
	"apex/internal/service/cloudwatch/search"
	"apex/internal/service/cloudwatch/statistic"
)

// maxFound is how many series a SEARCH returns (CloudWatch user guide).
const maxFound = 500

// periodOf is the least period of the statistics that queries read.
func periodOf(queries []Query) int {
	least := 0
	for _, q := range queries {
		period := q.Period
		if q.Stat != nil {
			period = q.Stat.Period
		}
		if period > 0 && (least == 0 || period < least) {
			least = period
		}
	}
	return least
}

// A plan is a list of queries whose expressions were read.
type plan struct {
	queries []Query
	parsed  map[string]*metricmath.Expr
}

// planQueries reads the expressions, and refuses what cannot be computed: a syntax
// error, an unknown function, a query that there is not, a circle.
func planQueries(queries []Query) (*plan, error) {
	p := &plan{queries: queries, parsed: map[string]*metricmath.Expr{}}
	reads := map[string][]string{}
	for _, q := range queries {
		reads[q.ID] = nil
		if q.Expression == "" {
			continue
		}
		if strings.HasPrefix(strings.ToUpper(strings.TrimSpace(q.Expression)), "SELECT ") {
			return nil, invalid("Metrics Insights queries are not built: %s", q.Expression)
		}
		parsed, err := metricmath.Parse(q.Expression)
		if err == nil {
			err = parsed.Check()
		}
		if err != nil {
			return nil, invalid("%v: %s", err, q.Expression)
		}
		p.parsed[q.ID] = parsed
		reads[q.ID] = parsed.Names()
	}
	for _, q := range queries {
		if err := checkReads(q.ID, reads, nil); err != nil {
			return nil, err
		}
	}
	return p, nil
}

// checkReads walks over what a query reads; way is how it came there.
func checkReads(id string, reads map[string][]string, way []string) error {
	if slices.Contains(way, id) {
		return invalid("The expressions of %s read each other.", strings.Join(append(way, id), ", "))
	}
	for _, next := range reads[id] {
		if _, known := reads[next]; !known {
			return invalid("Undefined variable %s in the expression of %s.", next, id)
		}
		if err := checkReads(next, reads, append(way, id)); err != nil {
			return err
		}
	}
	return nil
}

// A reading computes a plan's queries over a span of time.
type reading struct {
	*plan
	metrics  *series.Store
	scope    string
	from, to time.Time
	// period turns the seconds of a query into what is read: the profile's.
	period   func(seconds int) time.Duration
	searches bool
	values   map[string]metricmath.Value
	// samples is how many samples the datapoints of a statistic were made of, by
	// query and time.
	samples map[string]map[int64]float64
}

func newReading(p *plan, metrics *series.Store, scope string, from, to time.Time) *reading {
	return &reading{
		plan: p, metrics: metrics, scope: scope, from: from, to: to,
		period: func(seconds int) time.Duration { return time.Duration(seconds) * time.Second },
		values: map[string]metricmath.Value{}, samples: map[string]map[int64]float64{},
	}
}

// value computes one query, once.
func (r *reading) value(id string) (metricmath.Value, error) {
	if v, done := r.values[id]; done {
		return v, nil
	}
	i := slices.IndexFunc(r.queries, func(q Query) bool { return q.ID == id })
	q := r.queries[i] // the plan holds all that is read
	var v metricmath.Value
	var err error
	if q.Stat != nil {
		v, err = r.statistic(q)
	} else {
		v, err = r.parsed[id].Eval(r.scopeOf(q))
	}
	if err == nil {
		r.values[id] = v
	}
	return v, err
}

func (r *reading) scopeOf(q Query) *metricmath.Scope {
	seconds := cmp.Or(q.Period, r.periodBelow(q), 300)
	scope := &metricmath.Scope{
		Lookup: r.value, Metrics: r.allStatistics, From: r.from, To: r.to, Period: r.period(seconds),
	}
	if r.searches {
		scope.Search = r.search
	}
	return scope
}

// periodBelow is the least period of what an expression reads.
func (r *reading) periodBelow(q Query) int {
	var read []Query
	var add func(id string)
	add = func(id string) {
		for _, one := range r.queries {
			if one.ID == id {
				read = append(read, one)
				if e := r.parsed[id]; e != nil {
					for _, next := range e.Names() {
						add(next)
					}
				}
			}
		}
	}
	add(q.ID)
	if least := periodOf(read); least > 0 {
		return least
	}
	return periodOf(r.queries)
}

func (r *reading) statistic(q Query) (metricmath.Series, error) {
	id := series.ID{Scope: r.scope, Space: q.Stat.Namespace, Name: q.Stat.Name, Labels: q.Stat.Dimensions}
	out, err := r.read(q.ID, id, *q.Stat)
	out.ID, out.Label = q.ID, cmp.Or(q.Label, q.Stat.Name)
	return out, err
}

// read reads a statistic of a series. A unit other than the series' own finds
// nothing. Where the profile shortens the period, sums and counts are made what
// they would be over the whole of it: thresholds are written for that.
func (r *reading) read(query string, id series.ID, stat Stat) (metricmath.Series, error) {
	period := r.period(stat.Period)
	out := metricmath.Series{Period: period}
	measure, err := statistic.Parse(stat.Statistic)
	if err != nil {
		return out, invalid("%v", err)
	}
	if stat.Unit != "" && unitOf(r.metrics, id) != stat.Unit {
		return out, nil
	}
	share := 1.0
	if measure.Additive() {
		share = float64(time.Duration(stat.Period)*time.Second) / float64(period)
	}
	counts := map[int64]float64{}
	for _, slot := range r.metrics.Read(id, r.from.Truncate(period), r.to, period) {
		if v, ok := measure.Of(&slot); ok {
			v *= share
			at := slot.Start.Unix()
			out.At, out.Values = append(out.At, at), append(out.Values, v)
			counts[at] = slot.Count
		}
	}
	r.samples[query] = counts
	return out, nil
}

func unitOf(metrics *series.Store, id series.ID) string { return cmp.Or(metrics.Unit(id), "None") }

func (r *reading) allStatistics() (metricmath.Array, error) {
	all := metricmath.Array{}
	for _, q := range r.queries {
		if q.Stat == nil {
			continue
		}
		v, err := r.value(q.ID)
		if err != nil {
			return nil, err
		}
		all = append(all, v.(metricmath.Series))
	}
	return all, nil
}

func (r *reading) search(expression, name string, period time.Duration) (metricmath.Array, error) {
	query, err := search.Parse(expression)
	if err != nil {
		return nil, invalid("SEARCH: %v", err)
	}
	var found []series.ID
	for _, id := range r.metrics.List(r.scope) {
		if query.Matches(id) {
			found = append(found, id)
		}
	}
	slices.SortFunc(found, func(a, b series.ID) int { return cmp.Compare(a.Key(), b.Key()) })
	found = found[:min(len(found), maxFound)]
	out := metricmath.Array{}
	for _, id := range found {
		one, err := r.read("", id, Stat{Statistic: name, Period: int(period.Seconds())})
		if err != nil {
			return nil, err
		}
		if len(one.At) > 0 {
			one.Label = labelAmong(id, found)
			out = append(out, one)
		}
	}
	return out, nil
}

// labelAmong names a series by what tells it from the others that were found: its
// metric, if they differ in that, and the values of its dimensions.
func labelAmong(id series.ID, found []series.ID) string {
	var words []string
	differs := func(of func(series.ID) string) bool {
		return slices.ContainsFunc(found, func(other series.ID) bool { return of(other) != of(id) })
	}
	for _, l := range id.Labels {
		value := func(one series.ID) string {
			for _, own := range one.Labels {
				if own.Name == l.Name {
					return own.Value
				}
			}
			return ""
		}
		if differs(value) {
			words = append(words, l.Value)
		}
	}
	if len(words) == 0 || differs(func(one series.ID) string { return one.Name }) {
		words = append(words, id.Name)
	}
	return strings.Join(words, " ")
}
