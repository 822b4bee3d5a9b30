package endpoint

import (
	"cmp"
	"net/http"
	"slices"
)

// OperationStats counts the calls of one operation since the start.
type OperationStats struct {
	Service, Operation string
	Calls              int64
	Errors             int64 // answered with an error of the caller's
	Faults             int64 // answered with an error of the region's
	UnknownMembers     int64 // sent to us and not known to our shapes
}

// Stats returns the operations that were called, in order of their names.
func (e *Endpoint) Stats() []OperationStats {
	var all []OperationStats
	for _, s := range e.table.services {
		for name, entry := range s.entries {
			if calls := entry.calls.Load(); calls > 0 {
				all = append(all, OperationStats{
					Service: s.info.Name, Operation: name, Calls: calls, Errors: entry.errors.Load(),
					Faults: entry.faults.Load(), UnknownMembers: entry.unknown.Load(),
				})
			}
		}
	}
	slices.SortFunc(all, func(a, b OperationStats) int {
		return cmp.Or(cmp.Compare(a.Service, b.Service), cmp.Compare(a.Operation, b.Operation))
	})
	return all
}

func (x *exchange) count() {
	if x.entry == nil {
		return
	}
	x.entry.calls.Add(1)
	switch {
	case x.w.status >= http.StatusInternalServerError:
		x.entry.faults.Add(1)
	case x.w.status >= http.StatusBadRequest:
		x.entry.errors.Add(1)
	}
}

// An answer remembers what was answered.
type answer struct {
	http.ResponseWriter
	status int
	code   string // of the error
}

// WriteHeader notes the status.
func (a *answer) WriteHeader(status int) {
	if a.status == 0 {
		a.status = status
	}
	a.ResponseWriter.WriteHeader(status)
}

// Unwrap lets a response controller find what an answer can do beside writing.
func (a *answer) Unwrap() http.ResponseWriter { return a.ResponseWriter }
