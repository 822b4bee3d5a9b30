package studio

import (
	"path"
	"regexp"
	"strings"
)

var (
	imported  = regexp.MustCompile(`(?m)^(?:import|export)\b[^;'(]*'(\.[^']+)'`)
	pagePath  = regexp.MustCompile(`(?m)^\s*\{ path: '([^']+)'`)
	parameter = regexp.MustCompile(`:(\w+)`)
)

// modules lists a module and all that it imports at once; what it only imports
// when it is wanted, by import(), is not among them.
func (s studio) modules(first string) []string {
	list, known := []string{first}, map[string]bool{first: true}
	for i := 0; i < len(list); i++ {
		for _, found := range imported.FindAllSubmatch(s.assets[list[i]].plain, -1) {
			name := path.Join(path.Dir(list[i]), string(found[1]))
			if !known[name] {
				known[name] = true
				list = append(list, name)
			}
		}
	}
	return list
}

// patterns are the paths at which the shell is: the sign-in, and what pages.js lists.
func (s studio) patterns() []string {
	list := []string{"/login"}
	for _, found := range pagePath.FindAllSubmatch(s.assets["pages.js"].plain, -1) {
		p := parameter.ReplaceAllString(string(found[1]), "{$1}")
		switch rest, all := strings.CutSuffix(p, "/*"); {
		case p == "/":
			list = append(list, "/{$}")
		case all:
			list = append(list, rest, rest+"/{rest...}")
		default:
			list = append(list, p)
		}
	}
	return list
}
