package logs

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"time"

	"apex/internal/api/logsapi"
	"apex/internal/arn"
	"apex/internal/controller"
	"apex/internal/dataplane/logfile"
	"apex/internal/service/logs/insights"
	"apex/internal/store"
)

// The life of a query (source: AWS's quotas).
const (
	queryTimeout = time.Hour
	keepResults  = 7 * 24 * time.Hour
)

// queryWorkers is how many queries run at once; each uses all processors.
const queryWorkers = 4

func (s *Service) queryController() controller.Controller {
	return controller.New(controller.Spec[Query, QueryStatus]{
		Name: "logs/query", Table: Queries, Every: time.Hour, Workers: queryWorkers,
		Status:    func(q *Query) *QueryStatus { return &q.Status },
		Reconcile: s.reconcileQuery,
	})
}

// reconcileQuery runs a query that has not ended; one that the region's own end
// cut off begins anew.
func (s *Service) reconcileQuery(ctx context.Context, snap store.Snapshot, key string) (QueryStatus, error) {
	query, ok := Queries.Get(snap, key)
	switch {
	case !ok:
		return QueryStatus{}, nil
	case query.ended() && s.now().Sub(query.Spec.Created) > keepResults:
		os.Remove(s.resultsPath(query.Spec.ID)) // if it cannot go now, a week is not so exact
		return query.Status, controller.Remove
	case query.ended():
		return query.Status, nil
	case query.Spec.Stopped:
		return QueryStatus{State: logsapi.QueryStatusCancelled}, nil
	}
	progress := new(insights.Progress)
	run, done := s.running.begin(ctx, key, progress)
	defer done()
	begun := time.Now()
	err := s.runQuery(run, snap, query, progress)
	if ctx.Err() != nil {
		return query.Status, ctx.Err() // the region ends
	}
	status := statusOf(progress)
	status.Took, status.State = time.Since(begun), logsapi.QueryStatusComplete
	switch {
	case errors.Is(err, context.Canceled):
		status.State = logsapi.QueryStatusCancelled
	case errors.Is(err, context.DeadlineExceeded):
		status.State = logsapi.QueryStatusTimeout
	case err != nil:
		status.State, status.Reason = logsapi.QueryStatusFailed, err.Error()
		s.log.WarnContext(ctx, "query failed", "query", query.Spec.ID, "error", err)
	}
	return status, nil
}

func statusOf(p *insights.Progress) QueryStatus {
	return QueryStatus{
		State: logsapi.QueryStatusRunning, Matched: float64(p.Matched.Load()), Scanned: float64(p.Scanned.Load()),
		Bytes: float64(p.Bytes.Load()), Spare: float64(p.SkippedBytes.Load()),
	}
}

// runQuery runs a query and writes its results down.
func (s *Service) runQuery(ctx context.Context, snap store.Snapshot, query Query, progress *insights.Progress) error {
	parsed, fault := insights.Parse(query.Spec.Text)
	if fault != nil {
		return fault
	}
	var chunks []insights.Chunk
	for _, key := range query.Spec.Groups {
		more, err := s.chunksOf(snap, key, query)
		if err != nil {
			return err
		}
		chunks = append(chunks, more...)
	}
	rows, err := parsed.Run(ctx, chunks, query.Spec.Limit, progress)
	if err != nil {
		return err
	}
	text, err := json.Marshal(rows)
	if err != nil {
		return err
	}
	path := s.resultsPath(query.Spec.ID)
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	if err := os.WriteFile(path, text, 0o600); err != nil { // written again if it is cut off
		return fmt.Errorf("write results: %w", err)
	}
	return nil
}

// chunksOf returns the parts of a group's streams that a query is about.
func (s *Service) chunksOf(snap store.Snapshot, key string, query Query) ([]insights.Chunk, error) {
	group, ok := Groups.Get(snap, key)
	if !ok {
		return nil, nil
	}
	from, to := query.Spec.From.UnixMilli(), query.Spec.To.UnixMilli()
	q := between(group, s.now(), &from, &to)
	scope, _ := arn.SplitKey(key)
	var all []insights.Chunk
	for _, stream := range streamsOf(snap, group, "") {
		parts, err := logfile.Chunks(dirOf(s.home, stream.Key), q)
		if err != nil {
			return nil, err
		}
		for _, c := range parts {
			all = append(all, insights.Chunk{
				Account: scope.Account, Group: group.Spec.Name, Stream: stream.Spec.Name,
				First: c.First, Last: c.Last, Bytes: c.Bytes, Scan: c.Scan,
			})
		}
	}
	return all, nil
}

// runningQueries are those that run in this process.
type runningQueries struct {
	mu  sync.Mutex
	all map[string]runningQuery // by key
}

type runningQuery struct {
	progress *insights.Progress
	cancel   context.CancelFunc
}

func newRunningQueries() *runningQueries { return &runningQueries{all: map[string]runningQuery{}} }

func (r *runningQueries) begin(ctx context.Context, key string, p *insights.Progress) (context.Context, func()) {
	ctx, cancel := context.WithTimeout(ctx, queryTimeout)
	r.mu.Lock()
	defer r.mu.Unlock()
	r.all[key] = runningQuery{p, cancel}
	return ctx, func() {
		cancel()
		r.mu.Lock()
		defer r.mu.Unlock()
		delete(r.all, key)
	}
}

func (r *runningQueries) cancel(key string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if own, ok := r.all[key]; ok {
		own.cancel()
	}
}

// look returns how far a query came, also while it runs.
func (r *runningQueries) look(q Query) QueryStatus {
	r.mu.Lock()
	defer r.mu.Unlock()
	if own, ok := r.all[q.Key]; ok && !q.ended() {
		return statusOf(own.progress)
	}
	return q.Status
}
