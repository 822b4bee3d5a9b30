package server

import (
	"context"
	"slices"
	"sync"
	"time"

	"apexai/crm/internal/audit"
	"apexai/crm/internal/auth"
	"apexai/crm/internal/change"
	"apexai/crm/internal/companies"
	"apexai/crm/internal/config"
	"apexai/crm/internal/database"
	"apexai/crm/internal/deals"
	"apexai/crm/internal/files"
	"apexai/crm/internal/jobs"
	"apexai/crm/internal/outbox"
	"apexai/crm/internal/people"
	"apexai/crm/internal/realtime"
	"apexai/crm/internal/score"
	"apexai/crm/internal/tasks"
	"apexai/crm/internal/trash"
	"apexai/crm/internal/webhooks"
)

// staff is what works beside requests.
type staff struct {
	relay  *outbox.Relay
	worker *jobs.Worker // nil if this task runs no jobs
	clock  *jobs.Clock
}

// jobs are what can be queued: each subject gives its own.
func (s *Server) jobs(opened *database.DB) []jobs.Handler {
	return slices.Concat(
		s.post(opened).Jobs(),
		s.hooks(opened).Jobs(),
		people.Store{DB: opened, Now: time.Now}.Jobs(),
		deals.Store{DB: opened, Now: time.Now}.Jobs(),
		s.tables(opened).Jobs(),
		runs(opened).Jobs(),
		s.takeout(opened).Jobs(),
	)
}

// periodic is what one task does again and again.
func (s *Server) periodic(opened *database.DB) []jobs.Periodic {
	return slices.Concat(
		tasks.Store{DB: opened, Now: time.Now}.Periodic(),
		s.hooks(opened).Periodic(),
		audit.API{DB: opened}.Periodic(),
		[]jobs.Periodic{(&jobs.Orphans{Redis: s.redis}).Periodic()},
		runs(opened).Periodic(),
		trash.Store{DB: opened, Now: time.Now}.Periodic(),
		[]jobs.Periodic{{Name: "requests.clean", Every: 10 * time.Minute, Run: func(ctx context.Context) error { return change.CleanDone(ctx, opened) }}},
		[]jobs.Periodic{{Name: "files.clean", Every: 10 * time.Minute, Run: files.Store{DB: opened, Now: time.Now}.Clean}},
		s.adviser(s.assistant(opened)).Periodic(),
		(&score.Work{Store: score.Store{DB: opened, Now: time.Now}}).Periodic(),
	)
}

// watchable are the kinds of records that a socket can watch.
func watchable(opened *database.DB) map[string]realtime.Exists {
	return map[string]realtime.Exists{
		"person":  realtime.Gets(people.Store{DB: opened}.Get),
		"company": realtime.Gets(companies.Store{DB: opened}.Get),
		"deal":    realtime.Gets(deals.Store{DB: opened, Now: time.Now}.Get),
	}
}

// employ makes the staff; work has it begin.
func (s *Server) employ(opened *database.DB, callers auth.Auth) error {
	queue, err := jobs.NewQueue(s.redis, s.log, s.jobs(opened))
	if err != nil {
		return err
	}
	s.hub.Caller, s.hub.Exists = callers.Caller, watchable(opened)
	s.staff.relay = outbox.NewRelay(opened, s.log, map[string]outbox.Taker{
		jobs.Topic:     queue,
		change.Topic:   realtime.Changes{Hub: s.hub},
		realtime.Topic: realtime.Events{Hub: s.hub},
	})
	s.staff.relay.Beside = webhooks.Spread
	opened.OnCommit(s.staff.relay.Poke)
	if s.config.Roles.Worker {
		s.staff.worker = jobs.NewWorker(opened, s.queue, queue, concurrency(s.config.Roles.Concurrency, opened.Pool().Stats().MaxOpenConnections))
		s.staff.worker.Observe = s.told.ObserveJob
		s.staff.clock = &jobs.Clock{Redis: s.redis, Work: append(s.periodic(opened), queue.Periodic(opened)), Log: s.log}
	}
	return nil
}

func (s *Server) hooks(opened *database.DB) webhooks.Store {
	return webhooks.Store{DB: opened, Now: time.Now, Guard: webhooks.Guard{
		Plain: s.config.Environment == config.Development, Allowed: s.config.WebhookNetworks,
	}}
}

// concurrency is how many jobs run at once: most need a connection, and one
// is left to requests.
func concurrency(wanted, pool int) int {
	if wanted == 0 {
		return max(pool-1, 1)
	}
	return min(wanted, pool)
}

// work begins what goes on beside requests. ctx is the order to stop: then no
// job is begun, those that run have a while to finish, and sockets are sent to
// other tasks. The function that is returned waits for that, and hands on what
// was committed last.
func (s *Server) work(ctx context.Context) (finish func()) {
	var first, last sync.WaitGroup
	if s.staff.worker != nil {
		first.Go(func() {
			if err := s.staff.worker.Run(ctx.Done()); err != nil {
				s.log.Error("jobs do not run", "cause", err)
			}
		})
		first.Go(func() { s.staff.clock.Run(ctx) })
	}
	lasting, stop := context.WithCancel(context.WithoutCancel(ctx))
	first.Go(func() {
		<-ctx.Done()
		s.hub.Drain(lasting, s.config.DrainDelay)
	})
	last.Go(func() { s.staff.relay.Run(lasting) })
	last.Go(func() { s.hub.Run(lasting) })
	return func() {
		first.Wait()
		stop()
		last.Wait()
	}
}
