package ai

import (
	"context"
	"errors"
	"time"

	"apexai/crm/internal/database"
	"apexai/crm/internal/id"
	"apexai/crm/internal/llm"
	"apexai/crm/internal/problem"
	"apexai/crm/internal/tenant"
)

const (
	insertDay = `INSERT INTO ai_days (workspace_id, day) VALUES (?, ?) ON DUPLICATE KEY UPDATE tokens = tokens`
	// Reserves tokens if the day's budget has them: one statement, so that two
	// questions at once cannot both take the last.
	reserveTokens = `UPDATE ai_days SET tokens = tokens + ? WHERE workspace_id = ? AND day = ? AND tokens + ? <= ?`
	settleTokens  = `UPDATE ai_days SET tokens = GREATEST(tokens + ?, 0) WHERE workspace_id = ? AND day = ?`
	insertRun     = `INSERT INTO ai_runs (workspace_id, id, task, provider, model, outcome, tokens_in, tokens_out, ms, created_at, created_by)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`
)

// run asks by do, if the workspace lets it and can pay for it, and notes what
// it cost. No connection is held meanwhile.
func (a Assistant) run(ctx context.Context, t tenant.Tenant, task string, r llm.Request, do func(only []string) (llm.Reply, error)) error {
	day, reserved := a.now(), estimate(r.System+r.Prompt)+r.MaxTokens
	only, err := a.begin(ctx, t, day, reserved)
	if err != nil {
		return err
	}
	begun := time.Now()
	reply, err := do(only)
	reply.Took = time.Since(begun)
	if reply.Usage == (llm.Usage{}) && reply.Text != "" { // a stream that was cut has no count
		reply.Usage = llm.Usage{In: estimate(r.System + r.Prompt), Out: estimate(reply.Text)}
	}
	noted := a.end(context.WithoutCancel(ctx), t, task, day, reserved, reply, outcome(err)) // who has left pays too
	return errors.Join(explain(err), noted)
}

// estimate is about how many tokens a text has, rather too many.
func estimate(text string) int { return len(text)/3 + 10 }

func (a Assistant) begin(ctx context.Context, t tenant.Tenant, day time.Time, tokens int) (only []string, err error) {
	err = a.DB.Update(ctx, func(ctx context.Context, q database.Queryer) error {
		s, err := a.settings(ctx, q, t)
		if err != nil {
			return err
		}
		if only = s.allowed(); len(only) == 0 {
			return problem.AIOff(s.why())
		}
		if _, err := database.Exec(ctx, q, insertDay, t.Workspace, day.Format(time.DateOnly)); err != nil {
			return err
		}
		n, err := database.Exec(ctx, q, reserveTokens, tokens, t.Workspace, day.Format(time.DateOnly), tokens, s.DailyTokens)
		if err == nil && n == 0 {
			return problem.AIBudget("it begins anew at midnight UTC; an admin can raise it in the settings")
		}
		return err
	})
	return only, err
}

func (a Assistant) end(ctx context.Context, t tenant.Tenant, task string, day time.Time, reserved int, reply llm.Reply, outcome string) error {
	return a.DB.Update(ctx, func(ctx context.Context, q database.Queryer) error {
		if _, err := database.Exec(ctx, q, settleTokens, reply.Usage.Total()-reserved, t.Workspace, day.Format(time.DateOnly)); err != nil {
			return err
		}
		var by any
		if !t.User.IsZero() {
			by = t.User
		}
		_, err := database.Exec(ctx, q, insertRun, t.Workspace, id.New(), task, reply.Provider, cut(reply.Model, 100), outcome,
			reply.Usage.In, reply.Usage.Out, reply.Took.Milliseconds(), a.now(), by)
		return err
	})
}

func outcome(err error) string {
	if err == nil {
		return "ok"
	}
	if e, ok := errors.AsType[*llm.Error](err); ok {
		return string(e.Kind)
	}
	return "left"
}

// explain says calmly what went wrong. The provider's name and status go to
// the log only.
func explain(err error) error {
	e, ok := errors.AsType[*llm.Error](err)
	if !ok {
		return err
	}
	switch e.Kind {
	case llm.Off:
		return problem.AIOff("no language model is set up here")
	case llm.Busy:
		return problem.AIBusy(e)
	case llm.Slow:
		return problem.AIFailed("slow", "the language model took too long; nothing was changed", e)
	case llm.Nonsense:
		return problem.AIFailed("nonsense", "the language model's answer could not be used; nothing was changed", e)
	case llm.Cut:
		return problem.AIFailed("cut", "the answer broke off; try again", e)
	case llm.Blocked:
		return problem.AIFailed("blocked", "the language model's provider withheld the answer", e)
	}
	return problem.AIFailed("failing", "the language model does not answer; nothing was changed", e)
}

func cut(s string, n int) string {
	if r := []rune(s); len(r) > n {
		return string(r[:n])
	}
	return s
}
