package logs

import (
	"errors"
	"time"

	"apex/internal/arn"
	"apex/internal/dataplane/logfile"
	"apex/internal/dataplane/series"
)

// A tally collects samples, those of one value and second as one, until they are
// added to their series together.
type tally map[string]*counted

type counted struct {
	id      series.ID
	unit    string
	samples map[sampleKey]float64 // how often each was seen
}

type sampleKey struct {
	second int64
	value  float64
}

func (t tally) add(id series.ID, unit string, at time.Time, value float64) {
	key := id.Key()
	if t[key] == nil {
		t[key] = &counted{id: id, unit: unit, samples: map[sampleKey]float64{}}
	}
	t[key].samples[sampleKey{at.Unix(), value}]++
}

// flush adds all to the store and begins anew.
func (t tally) flush(store *series.Store) error {
	var faults error
	for key, own := range t {
		var samples []series.Sample
		for k, n := range own.samples {
			samples = append(samples, series.Sample{At: time.Unix(k.second, 0).UTC(), Value: k.value, Count: n})
		}
		faults = errors.Join(faults, store.Add(own.id, own.unit, samples...))
		delete(t, key)
	}
	return faults
}

// incoming counts events and their bytes by the second in which they came in.
type incoming map[int64]struct{ events, bytes float64 }

func (in incoming) count(e logfile.Event) {
	own := in[e.Ingested.Unix()]
	own.events++
	own.bytes += float64(len(e.Message) + eventOverhead)
	in[e.Ingested.Unix()] = own
}

// flush adds the counts to a tally, as AWS/Logs names them, and begins anew.
func (in incoming) flush(t tally, scope arn.Scope, group string) {
	events := series.NewID(scope.Prefix(), "AWS/Logs", "IncomingLogEvents", "LogGroupName", group)
	bytes := series.NewID(scope.Prefix(), "AWS/Logs", "IncomingBytes", "LogGroupName", group)
	for second, own := range in {
		t.add(events, "Count", time.Unix(second, 0), own.events)
		t.add(bytes, "Bytes", time.Unix(second, 0), own.bytes)
	}
	clear(in)
}
