package stack

import (
	"fmt"
	"regexp"
)

// domainForm is what ACM takes as a certificate's name.
var domainForm = regexp.MustCompile(`^(\*\.)?([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])$`)

// maxNames is how many names ACM puts into one certificate unless asked for more.
const maxNames = 10

// https checks the names of the certificate, and that no service shifts traffic
// on one listener while another one serves it too.
func (d *decoder) https(s *Stack) {
	h := s.HTTPS
	if h == nil {
		return
	}
	for _, name := range sortedKeys(s.Services) {
		if svc := s.Services[name]; !h.Redirect && svc.HTTP != nil && svc.Deploy.Strategy.Shifts() {
			d.report(join("services", name)+".deploy.strategy", "%s shifts requests on one listener, and plain HTTP would stay behind", svc.Deploy.Strategy).Hint = "add `redirect: true` to https"
		}
	}
	check := func(path, name string) {
		if len(name) > 253 || !domainForm.MatchString(name) {
			d.report(path, "`%s` is no domain name", name).Hint = "two labels at least, all lower case, as shop.localhost or www.example.com"
		}
	}
	check("https.domain", h.Domain)
	for i, name := range h.Also {
		check(fmt.Sprintf("https.also[%d]", i), name)
	}
	if len(h.Also) >= maxNames {
		d.report("https.also", "%d names with the domain: ACM takes %d", len(h.Also)+1, maxNames)
	}
}
