package jobs

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"time"

	"github.com/hibiken/asynq"
	"github.com/redis/go-redis/v9"

	"apexai/crm/internal/database"
	"apexai/crm/internal/id"
	"apexai/crm/internal/problem"
	"apexai/crm/internal/tenant"
	"apexai/crm/internal/web"
)

// An API shows administrators how the queues are, and what failed for good in
// their workspace.
type API struct {
	DB      *database.DB
	inspect *asynq.Inspector
}

// NewAPI makes the API of what is in Redis.
func NewAPI(db *database.DB, client *redis.Client) API {
	if client == nil { // to be described only
		return API{DB: db}
	}
	return API{DB: db, inspect: asynq.NewInspectorFromRedisClient(client)}
}

// Routes are the API's operations below /api/v1.
func (a API) Routes() []web.Route {
	return []web.Route{
		{Pattern: "GET /jobs", Needs: tenant.Admin, Operation: web.Read(a.overview), Summary: "Read how the queues are"},
		{Pattern: "GET /jobs/dead", Needs: tenant.Admin, Operation: web.Read(a.dead), Summary: "List jobs that failed for good"},
		{Pattern: "POST /jobs/retry", Needs: tenant.Admin, Operation: web.Act(a.retryAll), Summary: "Run all jobs that failed for good once more"},
		{Pattern: "POST /jobs/{id}/retry", Needs: tenant.Admin, Operation: web.Act(a.retry), Summary: "Run a job that failed for good once more"},
		{Pattern: "DELETE /jobs/{id}", Needs: tenant.Admin, Operation: web.Remove(a.forget), Summary: "Forget a job that failed for good"},
	}
}

// A Line is one queue.
type Line struct {
	Name      string `json:"name"`
	Waiting   int    `json:"waiting"`
	Running   int    `json:"running"`
	Scheduled int    `json:"scheduled"` // for later
	Retrying  int    `json:"retrying"`  // after a failure
	Dead      int    `json:"dead"`
	Done      int    `json:"done"`   // today
	Failed    int    `json:"failed"` // tries today
	WaitingMS int64  `json:"waitingMs"`
}

// An Overview is all queues, and the outbox before them.
type Overview struct {
	Queues   []Line `json:"queues"`
	Outbox   int    `json:"outbox"` // not handed on yet
	OutboxMS int64  `json:"outboxMs"`
	Workers  int    `json:"workers"`
}

const selectWaiting = `SELECT COUNT(*), COALESCE(TIMESTAMPDIFF(MICROSECOND, MIN(created_at), UTC_TIMESTAMP(3)) DIV 1000, 0) FROM outbox WHERE handed_at IS NULL`

var queues = []string{Critical, Default, Low}

func (a API) overview(ctx context.Context, _ *web.Call) (o Overview, err error) {
	o.Queues = []Line{}
	there, err := a.inspect.Queues()
	if err != nil {
		return o, away(err)
	}
	for _, name := range queues {
		line := Line{Name: name}
		if slices.Contains(there, name) { // one is made with its first job
			info, err := a.inspect.GetQueueInfo(name)
			if err != nil {
				return o, away(err)
			}
			line = Line{name, info.Pending, info.Active, info.Scheduled, info.Retry, info.Archived, info.Processed - info.Failed, info.Failed, info.Latency.Milliseconds()}
		}
		o.Queues = append(o.Queues, line)
	}
	servers, err := a.inspect.Servers()
	if err != nil {
		return o, away(err)
	}
	o.Workers = len(servers)
	err = a.DB.View(ctx, func(ctx context.Context, q database.Queryer) error {
		_, _, err := database.One(ctx, q, func(row database.Row, _ *int) error { return row.Scan(&o.Outbox, &o.OutboxMS) }, selectWaiting)
		return err
	})
	return o, err
}

func away(err error) error { return problem.Unavailable("the queues do not answer", err) }

// A Dead is a job that failed for good.
type Dead struct {
	ID       string    `json:"id"`
	Queue    string    `json:"queue"`
	Kind     string    `json:"kind"`
	Fault    string    `json:"fault"`
	Tries    int       `json:"tries"`
	FailedAt time.Time `json:"failedAt"`
	UserID   *id.ID    `json:"userId"` // on whose behalf; null: the system
}

// A DeadList is the newest jobs that failed for good.
type DeadList struct {
	Items []Dead `json:"items"`
}

const (
	deadPage   = 200
	deadAtMost = 500
)

// each calls fn for the dead jobs of the tenant's workspace: Redis keeps those
// of all together.
func (a API) each(t tenant.Tenant, fn func(*asynq.TaskInfo, order) error) error {
	for _, queue := range queues {
		for number := 1; ; number++ {
			tasks, err := a.inspect.ListArchivedTasks(queue, asynq.PageSize(deadPage), asynq.Page(number))
			if errors.Is(err, asynq.ErrQueueNotFound) {
				break
			}
			if err != nil {
				return away(err)
			}
			for _, task := range tasks {
				if o, ok := owned(task, t); ok {
					if err := fn(task, o); err != nil {
						return err
					}
				}
			}
			if len(tasks) < deadPage {
				break
			}
		}
	}
	return nil
}

func owned(task *asynq.TaskInfo, t tenant.Tenant) (o order, ok bool) {
	err := json.Unmarshal(task.Payload, &o)
	return o, err == nil && o.Workspace == t.Workspace
}

var errEnough = errors.New("enough")

func (a API) dead(_ context.Context, c *web.Call) (DeadList, error) {
	list := DeadList{Items: []Dead{}}
	err := a.each(c.Tenant, func(task *asynq.TaskInfo, o order) error {
		d := Dead{ID: task.ID, Queue: task.Queue, Kind: task.Type, Fault: task.LastErr, Tries: task.Retried + 1, FailedAt: task.LastFailedAt.UTC()}
		if !o.User.IsZero() {
			d.UserID = &o.User
		}
		if list.Items = append(list.Items, d); len(list.Items) == deadAtMost {
			return errEnough
		}
		return nil
	})
	if errors.Is(err, errEnough) {
		err = nil
	}
	slices.SortFunc(list.Items, func(a, b Dead) int { return b.FailedAt.Compare(a.FailedAt) })
	return list, err
}

// A Redriven says how many jobs run once more.
type Redriven struct {
	Jobs int `json:"jobs"`
}

func (a API) retryAll(_ context.Context, c *web.Call) (r Redriven, err error) {
	var found []*asynq.TaskInfo
	if err := a.each(c.Tenant, func(task *asynq.TaskInfo, _ order) error { found = append(found, task); return nil }); err != nil {
		return r, err
	}
	for _, task := range found {
		switch err := a.inspect.RunTask(task.Queue, task.ID); {
		case errors.Is(err, asynq.ErrTaskNotFound):
		case err != nil:
			return r, away(err)
		default:
			r.Jobs++
		}
	}
	return r, nil
}

func (a API) retry(_ context.Context, c *web.Call) (Redriven, error) {
	task, err := a.find(c)
	if err != nil {
		return Redriven{}, err
	}
	if err := a.inspect.RunTask(task.Queue, task.ID); err != nil {
		return Redriven{}, away(err)
	}
	return Redriven{1}, nil
}

func (a API) forget(_ context.Context, c *web.Call) error {
	task, err := a.find(c)
	if err != nil {
		return err
	}
	if err := a.inspect.DeleteTask(task.Queue, task.ID); err != nil {
		return away(err)
	}
	return nil
}

// find is the dead job of the path's id, if it is the tenant's.
func (a API) find(c *web.Call) (*asynq.TaskInfo, error) {
	for _, queue := range queues {
		task, err := a.inspect.GetTaskInfo(queue, c.PathValue("id"))
		if errors.Is(err, asynq.ErrTaskNotFound) || errors.Is(err, asynq.ErrQueueNotFound) {
			continue
		}
		if err != nil {
			return nil, away(err)
		}
		if _, ok := owned(task, c.Tenant); ok && task.State == asynq.TaskStateArchived {
			return task, nil
		}
	}
	return nil, problem.NotFound("job that failed for good")
}
