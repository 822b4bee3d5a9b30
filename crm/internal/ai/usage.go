package ai

import (
	"context"
	"time"

	"apexai/crm/internal/database"
	"apexai/crm/internal/tenant"
)

// Usage is what a workspace has spent.
type Usage struct {
	Today       int       `json:"today"` // tokens, with those being asked for
	DailyTokens int       `json:"dailyTokens"`
	Days        []Day     `json:"days"` // the last 30, oldest first
	Tasks       []Task    `json:"tasks"`
	ResetsAt    time.Time `json:"resetsAt"`
}

// A Day is what one day cost.
type Day struct {
	Day    string `json:"day"`
	Calls  int    `json:"calls"`
	Failed int    `json:"failed"`
	Tokens int    `json:"tokens"`
}

// A Task is what one kind of question cost in those days.
type Task struct {
	Task     string `json:"task"`
	Provider string `json:"provider"`
	Calls    int    `json:"calls"`
	Failed   int    `json:"failed"`
	Tokens   int    `json:"tokens"`
	Ms       int    `json:"ms"` // on average
}

const (
	usageDays   = 30
	selectToday = `SELECT tokens FROM ai_days WHERE workspace_id = ? AND day = ?`
	selectDays  = `SELECT DATE_FORMAT(created_at, '%Y-%m-%d') AS d, COUNT(*), SUM(outcome <> 'ok'), SUM(tokens_in + tokens_out)
		FROM ai_runs WHERE workspace_id = ? AND created_at >= ? GROUP BY d ORDER BY d`
	selectTasks = `SELECT task, provider, COUNT(*), SUM(outcome <> 'ok'), SUM(tokens_in + tokens_out), ROUND(AVG(ms))
		FROM ai_runs WHERE workspace_id = ? AND created_at >= ? GROUP BY task, provider ORDER BY 5 DESC, 1, 2`
)

// Usage reads what a workspace has spent.
func (a Assistant) Usage(ctx context.Context, t tenant.Tenant) (u Usage, err error) {
	now := a.now()
	midnight := time.Date(now.Year(), now.Month(), now.Day(), 0, 0, 0, 0, time.UTC)
	from := midnight.AddDate(0, 0, 1-usageDays)
	u.ResetsAt = midnight.AddDate(0, 0, 1)
	err = a.DB.View(ctx, func(ctx context.Context, q database.Queryer) error {
		s, err := a.settings(ctx, q, t)
		if err != nil {
			return err
		}
		u.DailyTokens = s.DailyTokens
		if u.Today, _, err = database.One(ctx, q, database.Scalar[int], selectToday, t.Workspace, now.Format(time.DateOnly)); err != nil {
			return err
		}
		days, err := database.All(ctx, q, func(from database.Row, d *Day) error {
			return from.Scan(&d.Day, &d.Calls, &d.Failed, &d.Tokens)
		}, selectDays, t.Workspace, from)
		if err != nil {
			return err
		}
		u.Days = everyDay(from, days)
		u.Tasks, err = database.All(ctx, q, func(from database.Row, k *Task) error {
			return from.Scan(&k.Task, &k.Provider, &k.Calls, &k.Failed, &k.Tokens, &k.Ms)
		}, selectTasks, t.Workspace, from)
		if u.Tasks == nil {
			u.Tasks = []Task{}
		}
		return err
	})
	return u, err
}

// everyDay adds the days on which nothing was asked.
func everyDay(from time.Time, some []Day) []Day {
	all := make([]Day, usageDays)
	for i := range all {
		all[i].Day = from.AddDate(0, 0, i).Format(time.DateOnly)
		if len(some) > 0 && some[0].Day == all[i].Day {
			all[i], some = some[0], some[1:]
		}
	}
	return all
}
