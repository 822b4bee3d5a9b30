package mail

import (
	"regexp"
	"slices"
	"strings"
)

// variables are what a template may say of a record and its sender.
var variables = []string{
	"firstName", "lastName", "fullName", "email", "title", "companyName",
	"dealTitle", "dealAmount", "senderName", "senderEmail", "workspaceName",
}

// {{firstName}}, or {{firstName|there}} with what to say if there is none.
var placeholder = regexp.MustCompile(`\{\{\s*([A-Za-z][A-Za-z0-9.]{0,59})\s*(?:\|([^{}\n]{0,100}))?\}\}`)

// fill puts values in place of variables. It returns the text, the variables
// that have no value, and those that do not exist; both stay in the text.
func fill(text string, values map[string]string) (filled string, missing, unknown []string) {
	filled = placeholder.ReplaceAllStringFunc(text, func(found string) string {
		parts := placeholder.FindStringSubmatch(found)
		name, otherwise := parts[1], strings.TrimSpace(parts[2])
		value := values[name]
		switch {
		case !slices.Contains(variables, name):
			unknown = appendNew(unknown, name)
			return found
		case value != "":
			return value
		case otherwise != "":
			return otherwise
		}
		missing = appendNew(missing, name)
		return found
	})
	return filled, missing, unknown
}

func appendNew(list []string, s string) []string {
	if slices.Contains(list, s) {
		return list
	}
	return append(list, s)
}
