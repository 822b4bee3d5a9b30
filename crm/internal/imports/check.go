package imports

import (
	"context"
	"errors"

	"apexai/crm/internal/database"
	"apexai/crm/internal/id"
	"apexai/crm/internal/tenant"
)

const mostProblems = 100

// doCheck tries all rows without writing.
func (s Store) doCheck(ctx context.Context, t tenant.Tenant, which id.ID) error {
	i, err := s.Get(ctx, t, which)
	if err != nil || i.Status != Checking {
		return err
	}
	w, rows, err := s.prepare(ctx, t, i)
	if err != nil {
		return err
	}
	report := Report{Problems: []Problem{}, At: s.now()}
	ahead := newKnown()
	for i.Done = 0; ; {
		start := rows.number
		part, err := rows.next(piece)
		if err != nil {
			return err
		}
		if err := s.try(ctx, t, w, w.parse(part, start), ahead, &report); err != nil {
			return err
		}
		i.Done += len(part)
		s.tell(ctx, t, i)
		if len(part) < piece {
			break
		}
	}
	i, err = s.change(ctx, t, which, func(_ context.Context, _ database.Queryer, i *Import) error {
		i.Report, i.Status, i.Total = &report, Ready, report.Counts.sum()
		return i.in(Ready)
	})
	s.tell(ctx, t, i)
	return err
}

func newKnown() known {
	return known{people: map[string]id.ID{}, domains: map[string]id.ID{}, companies: map[string]id.ID{}, deals: map[string]id.ID{}}
}

// try says what each row would do. ahead are the records that rows before
// would have made.
func (s Store) try(ctx context.Context, t tenant.Tenant, w work, rows []parsed, ahead known, report *Report) error {
	return s.DB.View(ctx, func(ctx context.Context, q database.Queryer) error {
		k, err := look(ctx, q, t, w.workings.Kind, rows)
		if err != nil {
			return err
		}
		k.follow(ahead)
		for _, r := range rows {
			v, err := w.foresee(ctx, q, t, k, ahead, r)
			if err != nil {
				return err
			}
			report.note(r, v)
		}
		return nil
	})
}

func (r *Report) note(row parsed, v verdict) {
	r.Counts.add(v.outcome)
	if (v.outcome == rowFailed || v.outcome == rowSkipped) && len(r.Problems) < mostProblems {
		r.Problems = append(r.Problems, Problem{row.number, row.line, v.outcome, v.message})
	}
}

// follow adds the records that rows before would have made.
func (k *known) follow(ahead known) {
	for _, pair := range [][2]map[string]id.ID{{k.people, ahead.people}, {k.domains, ahead.domains}, {k.companies, ahead.companies}, {k.deals, ahead.deals}} {
		for key, which := range pair[1] {
			if _, ok := pair[0][key]; !ok {
				pair[0][key] = which
			}
		}
	}
}

// foresee is what apply would do.
func (w work) foresee(ctx context.Context, q database.Queryer, t tenant.Tenant, k, ahead known, r parsed) (verdict, error) {
	m := w.workings
	if r.fault != "" {
		return failed(errors.New(r.fault)), nil
	}
	if err := m.links(&r, k); err != nil {
		return failed(err), nil
	}
	_, there := match(m.Kind, r, k)
	update := there && m.Existing == onUpdate
	switch {
	case there && m.Existing == onSkip:
		return verdict{outcome: rowSkipped, message: thereAlready}, nil
	case there && m.Existing == onCreate && m.Kind == People:
		return failed(errors.New("somebody else has this e-mail address")), nil
	}
	if err := judged(ctx, q, t, w.subject, w.parser, r, update); err != nil {
		return failed(err), unrefused(err)
	}
	if update {
		return verdict{outcome: rowUpdated}, nil
	}
	new := id.New()
	for _, into := range []known{k, ahead} {
		into.remember(m.Kind, r, new)
		if m.Kind != Companies && !r.company.none() && m.CreateCompanies {
			r.company.remember(into, new)
		}
	}
	return verdict{outcome: rowCreated}, nil
}

// unrefused is err unless it is about the row.
func unrefused(err error) error {
	if refused(err) {
		return nil
	}
	return err
}
