package imports

import (
	"context"
	"strings"

	"apexai/crm/internal/database"
	"apexai/crm/internal/id"
	"apexai/crm/internal/page"
	"apexai/crm/internal/pipelines"
	"apexai/crm/internal/problem"
	"apexai/crm/internal/tenant"
)

// known is what is in the workspace already of what a piece of the table
// names, by the keys that records are told apart by.
type known struct {
	people    map[string]id.ID // by e-mail address
	domains   map[string]id.ID // companies
	companies map[string]id.ID // by name
	deals     map[string]id.ID // by title and company
	pipelines []pipelines.Pipeline
}

const (
	selectPeople    = `SELECT value_norm, person_id FROM person_emails WHERE workspace_id = ? AND active = 1 AND value_norm IN (`
	selectDomains   = `SELECT domain, id FROM companies WHERE workspace_id = ? AND active = 1 AND domain IN (`
	selectCompanies = `SELECT name, id FROM companies WHERE workspace_id = ? AND deleted_at IS NULL AND name IN (`
	selectDeals     = `SELECT CONCAT(d.title, '\n', COALESCE(c.name, '')), d.id FROM deals d
		LEFT JOIN companies c ON c.workspace_id = d.workspace_id AND c.id = d.company_id
		WHERE d.workspace_id = ? AND d.deleted_at IS NULL AND d.title IN (`
	selectOwners = `SELECT u.email, u.name, u.id FROM members m JOIN users u ON u.id = m.user_id WHERE m.workspace_id = ? AND m.role <> 'nobody' LIMIT 5000`
)

// atOnce is how many keys one query looks for.
const atOnce = 1000

type keyed struct {
	key string
	id  id.ID
}

func lookUp(ctx context.Context, q database.Queryer, t tenant.Tenant, query string, keys []string) (map[string]id.ID, error) {
	found := map[string]id.ID{}
	for len(keys) > 0 {
		n := min(len(keys), atOnce)
		args := []any{t.Workspace}
		for _, k := range keys[:n] {
			args = append(args, k)
		}
		keys = keys[n:]
		rows, err := database.All(ctx, q, func(row database.Row, k *keyed) error { return row.Scan(&k.key, &k.id) }, query+page.Marks(n)+") ORDER BY 2 DESC", args...)
		if err != nil {
			return nil, err
		}
		for _, k := range rows {
			found[strings.ToLower(k.key)] = k.id // of several the oldest
		}
	}
	return found, nil
}

// look finds what the rows name.
func look(ctx context.Context, q database.Queryer, t tenant.Tenant, kind string, rows []parsed) (known, error) {
	var k known
	var emails, domains, names, titles []string
	for _, r := range rows {
		if r.fault != "" {
			continue
		}
		emails = append(emails, r.emails...)
		if r.contact != "" {
			emails = append(emails, r.contact)
		}
		if r.company.domain != "" {
			domains = append(domains, r.company.domain)
		}
		if r.company.name != "" {
			names = append(names, r.company.name)
		}
		if title, ok := r.draft["title"].(string); ok && kind == Deals {
			titles = append(titles, title)
		}
	}
	for _, l := range []struct {
		into  *map[string]id.ID
		query string
		keys  []string
	}{{&k.people, selectPeople, emails}, {&k.domains, selectDomains, domains}, {&k.companies, selectCompanies, names}, {&k.deals, selectDeals, titles}} {
		found, err := lookUp(ctx, q, t, l.query, l.keys)
		if err != nil {
			return k, err
		}
		*l.into = found
	}
	if kind != Deals {
		return k, nil
	}
	var err error
	k.pipelines, err = pipelines.All(ctx, q, t)
	return k, err
}

// readOwners are the members by what tables call them.
func readOwners(ctx context.Context, q database.Queryer, t tenant.Tenant) (map[string]id.ID, error) {
	owners, twice := map[string]id.ID{}, map[string]bool{}
	type member struct {
		email, name string
		id          id.ID
	}
	all, err := database.All(ctx, q, func(row database.Row, m *member) error { return row.Scan(&m.email, &m.name, &m.id) }, selectOwners, t.Workspace)
	for _, m := range all {
		name := strings.ToLower(m.name)
		if _, ok := owners[name]; ok {
			twice[name] = true
		}
		owners[name] = m.id
	}
	for name := range twice {
		delete(owners, name) // nobody can say who is meant
	}
	for _, m := range all {
		owners[strings.ToLower(m.email)] = m.id
	}
	return owners, err
}

// stageOf finds the stage that a table names, in the pipeline that it names
// or that was chosen, or the first.
func stageOf(all []pipelines.Pipeline, chosen *id.ID, pipeline, stage string) (p, s id.ID, err error) {
	var in []pipelines.Pipeline
	for _, candidate := range all {
		switch {
		case pipeline != "" && !strings.EqualFold(candidate.Name, pipeline), pipeline == "" && chosen != nil && candidate.ID != *chosen:
			continue
		}
		in = append(in, candidate)
	}
	if len(in) == 0 {
		return p, s, problem.Syntax("there is no pipeline " + cut(pipeline, 60))
	}
	if stage == "" {
		return in[0].ID, in[0].First(pipelines.Open).ID, nil
	}
	for _, candidate := range in {
		for _, st := range candidate.Stages {
			if strings.EqualFold(st.Name, stage) || fold(st.Name) == fold(stage) || strings.EqualFold(stage, "closed"+st.Kind) || strings.EqualFold(stage, st.Kind) && st.Kind != pipelines.Open {
				return candidate.ID, st.ID, nil
			}
		}
	}
	if strings.EqualFold(stage, pipelines.Open) {
		return in[0].ID, in[0].First(pipelines.Open).ID, nil
	}
	return p, s, problem.Syntax("there is no stage " + cut(stage, 60) + " in the pipeline " + in[0].Name)
}
