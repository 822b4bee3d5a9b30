package exports

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	"apexai/crm/internal/money"
)

// A column is one column of a table.
type column struct {
	key, label string
	value      func(r record, members map[string]string) string
}

func plain(key, label string) column {
	return column{key, label, func(r record, _ map[string]string) string { return text(r[key]) }}
}

func member(key, label string) column {
	return column{key, label, func(r record, members map[string]string) string { return members[text(r[key])] }}
}

// each joins a member of every entry of a list.
func each(key, list, of, label string) column {
	return column{key, label, func(r record, _ map[string]string) string {
		var all []string
		entries, _ := r[list].([]any)
		for _, e := range entries {
			if m, ok := e.(map[string]any); ok {
				all = append(all, text(m[of]))
			}
		}
		return strings.Join(all, "; ")
	}}
}

var amount = column{"amount", "Amount", func(r record, _ map[string]string) string {
	return decimal(r["amountMinor"], text(r["currency"]))
}}

var tags, created = each("tags", "tags", "name", "Tags"), plain("createdAt", "Created")

// columnsOf are the columns of each kind, named so that an import takes them.
var columnsOf = map[string][]column{
	"people": {
		plain("firstName", "First name"), plain("lastName", "Last name"), each("emails", "emails", "value", "Email"), each("phones", "phones", "value", "Phone"),
		plain("title", "Job title"), plain("companyName", "Company"), member("ownerId", "Owner"), plain("source", "Source"), plain("address", "Address"), tags,
		plain("score", "Score"), plain("lastContactAt", "Last contact"), created, plain("updatedAt", "Updated"), plain("id", "Id"),
	},
	"companies": {
		plain("name", "Name"), plain("domain", "Domain"), plain("industry", "Industry"), plain("sizeBand", "Size"), plain("address", "Address"), member("ownerId", "Owner"),
		plain("source", "Source"), tags, plain("peopleCount", "People"), plain("score", "Score"), plain("lastActivityAt", "Last activity"), created, plain("updatedAt", "Updated"), plain("id", "Id"),
	},
	"deals": {
		plain("title", "Title"), plain("stageName", "Stage"), plain("status", "Outcome"), amount, plain("currency", "Currency"), plain("closeDate", "Close date"), plain("probability", "Probability"),
		plain("companyName", "Company"), plain("primaryPersonName", "Person"), member("ownerId", "Owner"), plain("lostReason", "Lost because"), tags, created, plain("updatedAt", "Updated"), plain("id", "Id"),
	},
	"tasks": {
		plain("title", "Title"), plain("note", "Note"), plain("status", "Status"), plain("priority", "Priority"), plain("assigneeName", "Assignee"), plain("dueDate", "Due"), plain("dueTime", "At"),
		{"target", "About", func(r record, _ map[string]string) string {
			m, _ := r["target"].(map[string]any)
			return text(m["title"])
		}},
		plain("completedAt", "Completed"), created, plain("id", "Id"),
	},
	"activities": {
		plain("occurredAt", "When"), plain("type", "Type"), plain("subject", "Subject"), plain("body", "Text"), member("authorId", "By"), created, plain("id", "Id"),
	},
}

// other are names that lists have for columns, and what they show.
var other = map[string][]string{
	"name": {"firstName", "lastName"}, "email": {"emails"}, "phone": {"phones"}, "company": {"companyName"}, "companyId": {"companyName"}, "owner": {"ownerId"},
	"stage": {"stageName"}, "stageId": {"stageName"}, "amountMinor": {"amount", "currency"}, "person": {"primaryPersonName"}, "primaryPersonId": {"primaryPersonName"}, "primaryPerson": {"primaryPersonName"},
	"people": {"peopleCount"}, "size": {"sizeBand"}, "assigneeId": {"assigneeName"},
}

// chosen are the columns that were asked for, or all; own fields come last.
func chosen(o Order, own []string) []column {
	all := columnsOf[o.Kind]
	for _, key := range own {
		all = append(all[:len(all):len(all)], custom(key))
	}
	if len(o.Columns) == 0 {
		return all
	}
	var some []column
	add := func(key string) bool {
		for _, c := range all {
			if c.key == key {
				some = append(some, c)
				return true
			}
		}
		return false
	}
	for _, key := range o.Columns {
		if add(key) {
			continue
		}
		for _, key := range other[key] {
			add(key)
		}
	}
	if len(some) == 0 {
		return all
	}
	return some
}

func custom(key string) column {
	return column{"cf." + key, key, func(r record, members map[string]string) string {
		values, _ := r["custom"].(map[string]any)
		v := values[key]
		if name, ok := members[text(v)]; ok {
			return name
		}
		return text(v)
	}}
}

// text is a value as a cell has it.
func text(v any) string {
	switch v := v.(type) {
	case nil:
		return ""
	case string:
		return v
	case bool:
		if v {
			return "yes"
		}
		return "no"
	case json.Number:
		return v.String()
	case []any:
		var all []string
		for _, e := range v {
			all = append(all, text(e))
		}
		return strings.Join(all, "; ")
	case map[string]any:
		if minor, ok := v["amountMinor"]; ok {
			return decimal(minor, text(v["currency"])) + " " + text(v["currency"])
		}
		return text(v["name"])
	}
	return fmt.Sprint(v)
}

// decimal writes an amount of the smallest unit with its point.
func decimal(minor any, currency string) string {
	n, err := strconv.ParseInt(text(minor), 10, 64)
	if err != nil {
		return ""
	}
	return money.Decimal(n, currency)
}
