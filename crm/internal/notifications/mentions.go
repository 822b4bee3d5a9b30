package notifications

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"apexai/crm/internal/database"
	"apexai/crm/internal/id"
	"apexai/crm/internal/tenant"
)

const selectMembers = `SELECT u.id, u.name FROM members m JOIN users u ON u.id = m.user_id
	WHERE m.workspace_id = ? AND m.role <> 'nobody' LIMIT 500`

// A Member is somebody who may be mentioned.
type Member struct {
	ID   id.ID
	Name string
}

// Mentioned tells the members whom text names with @ and whom before did not.
func Mentioned(ctx context.Context, q database.Queryer, t tenant.Tenant, before, text string, n Note) error {
	if !strings.Contains(text, "@") {
		return nil
	}
	members, err := database.All(ctx, q, func(row database.Row, m *Member) error { return row.Scan(&m.ID, &m.Name) }, selectMembers, t.Workspace)
	if err != nil {
		return err
	}
	were := Mentions(before, members)
	for _, who := range Mentions(text, members) {
		if slices.Contains(were, who) {
			continue
		}
		n.User, n.Kind = who, Mention
		if err := Tell(ctx, q, t, n); err != nil {
			return err
		}
	}
	return nil
}

// Mentions are the members that text names: "@Ana Silva", or "@ana" if only
// one member has that first name. The longest name that fits is meant.
func Mentions(text string, members []Member) []id.ID {
	names := called(members)
	var found []id.ID
	for i, r := range text {
		if r != '@' || !begins(text, i) {
			continue
		}
		for _, m := range names {
			if rest := text[i+1:]; fits(rest, m.Name) {
				if !slices.Contains(found, m.ID) {
					found = append(found, m.ID)
				}
				break
			}
		}
	}
	return found
}

// called are the names that members answer to, the longest first.
func called(members []Member) []Member {
	firsts := map[string]int{}
	for _, m := range members {
		first, _, _ := strings.Cut(m.Name, " ")
		firsts[strings.ToLower(first)]++
	}
	var all []Member
	for _, m := range members {
		if m.Name == "" {
			continue
		}
		all = append(all, m)
		if first, _, more := strings.Cut(m.Name, " "); more && firsts[strings.ToLower(first)] == 1 {
			all = append(all, Member{m.ID, first})
		}
	}
	slices.SortStableFunc(all, func(a, b Member) int { return cmp.Compare(len(b.Name), len(a.Name)) })
	return all
}

// begins says that the @ at i is not in the middle of an e-mail address.
func begins(text string, i int) bool {
	r, n := utf8.DecodeLastRuneInString(text[:i])
	return n == 0 || !unicode.IsLetter(r) && !unicode.IsDigit(r)
}

// fits says that text begins with name and that the name ends there.
func fits(text, name string) bool {
	end, count := len(text), 0
	for i := range text {
		if count == utf8.RuneCountInString(name) {
			end = i
			break
		}
		count++
	}
	if !strings.EqualFold(text[:end], name) {
		return false
	}
	r, n := utf8.DecodeRuneInString(text[end:])
	return n == 0 || !unicode.IsLetter(r) && !unicode.IsDigit(r)
}
