package mail

import (
	"context"
	"errors"
	"net/http"
	"strings"

	"apexai/crm/internal/database"
	"apexai/crm/internal/id"
	"apexai/crm/internal/money"
	"apexai/crm/internal/problem"
	"apexai/crm/internal/tenant"
)

// A Letter is a mail as a member writes it, perhaps with variables.
type Letter struct {
	To      string `json:"to"` // empty: the record's first address
	Subject string `json:"subject"`
	Text    string `json:"text"`
	Target  *Ref   `json:"target"`
}

// A Preview is a letter with its variables filled in, and what is wrong with it.
type Preview struct {
	To        string   `json:"to"`
	Subject   string   `json:"subject"`
	Text      string   `json:"text"`
	Missing   []string `json:"missing"` // variables that have no value for this record
	Unknown   []string `json:"unknown"` // variables that do not exist
	Variables []string `json:"variables"`
}

const (
	selectPerson = `SELECT p.first_name, p.last_name, p.title, COALESCE(c.name, ''),
		COALESCE((SELECT e.value FROM person_emails e WHERE e.workspace_id = p.workspace_id AND e.person_id = p.id ORDER BY e.position LIMIT 1), '')
		FROM people p LEFT JOIN companies c ON c.workspace_id = p.workspace_id AND c.id = p.company_id
		WHERE p.workspace_id = ? AND p.id = ? AND p.deleted_at IS NULL`
	selectDeal = `SELECT d.title, d.amount_minor, d.currency, d.primary_person_id, COALESCE(c.name, '') FROM deals d
		LEFT JOIN companies c ON c.workspace_id = d.workspace_id AND c.id = d.company_id
		WHERE d.workspace_id = ? AND d.id = ? AND d.deleted_at IS NULL`
	selectCompany = `SELECT name FROM companies WHERE workspace_id = ? AND id = ? AND deleted_at IS NULL`
	selectSender  = `SELECT u.name, u.email, w.name FROM members m JOIN users u ON u.id = m.user_id JOIN workspaces w ON w.id = m.workspace_id
		WHERE m.workspace_id = ? AND m.user_id = ?`
)

type sender struct{ name, email, workspace string }

// Preview fills a letter's variables in.
func (s Store) Preview(ctx context.Context, t tenant.Tenant, l Letter) (p Preview, err error) {
	err = s.DB.View(ctx, func(ctx context.Context, q database.Queryer) error {
		p, _, err = preview(ctx, q, t, l)
		return err
	})
	return p, err
}

func preview(ctx context.Context, q database.Queryer, t tenant.Tenant, l Letter) (Preview, sender, error) {
	values, from, err := valuesOf(ctx, q, t, l.Target)
	if err != nil {
		return Preview{}, from, err
	}
	p := Preview{To: l.To, Variables: variables}
	if p.To == "" {
		p.To = values["email"]
	}
	var missing, unknown []string
	p.Subject, p.Missing, p.Unknown = fill(l.Subject, values)
	p.Text, missing, unknown = fill(l.Text, values)
	p.Missing, p.Unknown = union(p.Missing, missing), union(p.Unknown, unknown)
	return p, from, nil
}

func union(a, b []string) []string {
	all := append([]string{}, a...)
	for _, s := range b {
		all = appendNew(all, s)
	}
	return all
}

func valuesOf(ctx context.Context, q database.Queryer, t tenant.Tenant, target *Ref) (map[string]string, sender, error) {
	values := map[string]string{}
	from, _, err := database.One(ctx, q, func(row database.Row, v *sender) error { return row.Scan(&v.name, &v.email, &v.workspace) },
		selectSender, t.Workspace, t.User)
	if err != nil {
		return nil, from, err
	}
	values["senderName"], values["senderEmail"], values["workspaceName"] = from.name, from.email, from.workspace
	if target == nil {
		return values, from, nil
	}
	switch target.Kind {
	case "person":
		err = personValues(ctx, q, t, target.ID, values)
	case "company":
		err = need(ctx, q, "company", func(row database.Row, _ *struct{}) error {
			var name string
			err := row.Scan(&name)
			values["companyName"] = name
			return err
		}, selectCompany, t.Workspace, target.ID)
	case "deal":
		err = dealValues(ctx, q, t, target.ID, values)
	default:
		err = problem.Validation(problem.Fault{Pointer: "/target/kind", Code: "choice", Message: "one of person, company, deal"})
	}
	return values, from, err
}

func personValues(ctx context.Context, q database.Queryer, t tenant.Tenant, who id.ID, values map[string]string) error {
	return need(ctx, q, "person", func(row database.Row, _ *struct{}) error {
		var first, last, title, company, email string
		err := row.Scan(&first, &last, &title, &company, &email)
		for name, value := range map[string]string{
			"firstName": first, "lastName": last, "fullName": strings.TrimSpace(first + " " + last), "title": title, "email": email, "companyName": company,
		} {
			values[name] = value
		}
		return err
	}, selectPerson, t.Workspace, who)
}

// dealValues are a deal's, those of its first person, and its company.
func dealValues(ctx context.Context, q database.Queryer, t tenant.Tenant, which id.ID, values map[string]string) error {
	var title, currency, company string
	var minor int64
	var person *id.ID
	err := need(ctx, q, "deal", func(row database.Row, _ *struct{}) error {
		return row.Scan(&title, &minor, &currency, &person, &company)
	}, selectDeal, t.Workspace, which)
	if err == nil && person != nil {
		if err = personValues(ctx, q, t, *person, values); gone(err) {
			err = nil // a deal may be about somebody in the trash
		}
	}
	values["dealTitle"] = title
	if minor > 0 {
		values["dealAmount"] = money.Decimal(minor, currency) + " " + currency
	}
	if company != "" {
		values["companyName"] = company
	}
	return err
}

func gone(err error) bool {
	p, ok := errors.AsType[*problem.Problem](err)
	return ok && p.Status == http.StatusNotFound
}

// need reads a row that must be there.
func need(ctx context.Context, q database.Queryer, what string, scan func(database.Row, *struct{}) error, query string, args ...any) error {
	_, ok, err := database.One(ctx, q, scan, query, args...)
	if err == nil && !ok {
		err = problem.NotFound(what)
	}
	return err
}

// Write queues a letter and notes it in the record's timeline. Variables that
// have no value are refused: nobody wants to have written "Dear {{firstName}}".
func (s Store) Write(ctx context.Context, t tenant.Tenant, l Letter) (m Mail, err error) {
	err = s.DB.Update(ctx, func(ctx context.Context, q database.Queryer) error {
		p, from, err := preview(ctx, q, t, l)
		if err != nil {
			return err
		}
		if err := complete(p); err != nil {
			return err
		}
		which, err := Queue(ctx, q, t, Message{To: p.To, Subject: p.Subject, Text: p.Text, FromName: from.name, ReplyTo: from.email, Target: l.Target})
		if err != nil {
			return err
		}
		if m, err = read(ctx, q, t, which, selectOne); err != nil {
			return err
		}
		return noteMail(ctx, q, t, m)
	})
	return m, err
}

func complete(p Preview) error {
	var faults []problem.Fault
	for _, name := range p.Missing {
		faults = append(faults, problem.Fault{Pointer: "/text", Code: "missing", Message: "there is no value for {{" + name + "}}; write {{" + name + "|something}} or fill it in"})
	}
	for _, name := range p.Unknown {
		faults = append(faults, problem.Fault{Pointer: "/text", Code: "variable", Message: "there is no variable {{" + name + "}}"})
	}
	if len(faults) > 0 {
		return problem.Validation(faults...)
	}
	return nil
}
