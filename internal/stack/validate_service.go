package stack

import (
	"fmt"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// pathForm is what an ALB takes in a path pattern.
var pathForm = regexp.MustCompile("^[A-Za-z0-9_.$/~\"'@:+*?&-]{1,128}$")

// services checks each service and that no two claim one path.
func (d *decoder) services(s *Stack) {
	if len(s.Services) == 0 {
		d.report("services", "a stack needs a service")
	}
	claimed := map[string]string{}
	for _, name := range sortedKeys(s.Services) {
		svc, path := s.Services[name], "services."+name
		full := strings.Join([]string{s.Name, s.Environment, name}, "-")
		if svc.Deploy.Strategy.Shifts() {
			full += "-2" // its second target group
		}
		switch {
		case !nameForm.MatchString(name):
			d.report(path, "`%s` is no name: a letter, then letters, digits and single dashes, all lower case", name)
		case len(full) > maxName:
			d.report(path, "`%s` has %d characters; AWS allows %d", full, len(full), maxName).Hint = "shorten the stack's, the environment's or the service's name"
		}
		d.origin(path, svc)
		d.size(path, svc)
		d.count(path+".count", svc.Count, svc.HTTP != nil)
		d.deploy(path+".deploy", svc)
		d.variables(path, svc)
		d.references(path, svc, s)
		if svc.HTTP != nil {
			d.http(path+".http", svc.HTTP, claimed)
		}
	}
	d.overtaken(s)
}

// origin checks where the image comes from.
func (d *decoder) origin(path string, svc Service) {
	switch {
	case svc.Build == "" && svc.Image == "":
		d.report(path, "neither build nor image says what to run").Hint = "add `build: ./path/to/package` or `image: name:tag`"
	case svc.Build != "" && svc.Image != "":
		d.report(path+".build", "build and image exclude each other")
	case svc.Build != "" && !filepath.IsLocal(svc.Build):
		d.report(path+".build", "%s leads out of the folder of the file", svc.Build)
	}
	if svc.Port < 1 || svc.Port > 65535 {
		d.report(path+".port", "%d is not between 1 and 65535", svc.Port)
	}
}

// size checks the pair of CPU and memory.
func (d *decoder) size(path string, svc Service) {
	sizes := fargate(svc.CPU)
	switch {
	case len(sizes) == 0:
		d.report(path+".cpu", "Fargate has no tasks of %d CPU units", svc.CPU).Hint = "it takes 256, 512, 1024, 2048, 4096, 8192 and 16384"
	case !slices.Contains(sizes, svc.Memory):
		d.report(path+".memory", "%d MiB do not go with %d CPU units", svc.Memory, svc.CPU).Hint = memoryHint(sizes)
	}
}

func memoryHint(sizes []int) string {
	if len(sizes) <= 4 {
		return "Fargate takes " + numbers(sizes) + " MiB with them"
	}
	return fmt.Sprintf("Fargate takes %d to %d MiB in steps of %d with them", sizes[0], sizes[len(sizes)-1], sizes[1]-sizes[0])
}

// fargate lists the memory sizes that go with CPU units.
func fargate(cpu int) []int {
	steps := map[int][3]int{ // least, most, step
		512: {1024, 4096, 1024}, 1024: {2048, 8192, 1024}, 2048: {4096, 16384, 1024},
		4096: {8192, 30720, 1024}, 8192: {16384, 61440, 4096}, 16384: {32768, 122880, 8192},
	}
	if cpu == 256 {
		return []int{512, 1024, 2048}
	}
	var sizes []int
	if s, ok := steps[cpu]; ok {
		for size := s[0]; size <= s[1]; size += s[2] {
			sizes = append(sizes, size)
		}
	}
	return sizes
}

func (d *decoder) count(path string, c Count, reached bool) {
	switch {
	case c.Min < 0 || c.Max > 5000:
		d.report(path, "%d to %d tasks: ECS takes 0 to 5000", c.Min, c.Max)
	case c.Max < c.Min:
		d.report(path, "max %d is less than min %d", c.Max, c.Min)
	case c.Requests < 0:
		d.report(path+".requests", "%d requests: want a number above 0", c.Requests)
	case c.Requests > 0 && !reached:
		d.report(path+".requests", "the load balancer counts requests, and the service has no http")
	case c.Scales() && !c.aimed():
		d.report(path, "nothing says when to take more than %d tasks", c.Min).Hint = "add `cpu: 70%`"
	case !c.Scales() && c.aimed():
		d.report(path, "%s says when to scale, but min and max are both %d", c.firstAim(), c.Min)
	}
}

func (c Count) firstAim() string {
	switch {
	case c.CPU != 0:
		return "cpu"
	case c.Memory != 0:
		return "memory"
	}
	return "requests"
}

func (d *decoder) variables(path string, svc Service) {
	for _, name := range sortedKeys(svc.Environment) {
		if !envForm.MatchString(name) {
			d.report(path+".environment."+name, "`%s` is no name of an environment variable", name)
		}
	}
	for _, name := range sortedKeys(svc.Secrets) {
		if !envForm.MatchString(name) {
			d.report(path+".secrets."+name, "`%s` is no name of an environment variable", name)
		}
		if _, twice := svc.Environment[name]; twice {
			d.report(path+".secrets."+name, "%s is under environment too", name)
		}
	}
}

// reference is what an environment variable's value may hold for Apex to fill in.
var reference = regexp.MustCompile(`\$\{([^}]*)\}`)

// references checks what environment variables want filled in.
func (d *decoder) references(path string, svc Service, s *Stack) {
	for _, name := range sortedKeys(svc.Environment) {
		for _, m := range reference.FindAllStringSubmatch(svc.Environment[name], -1) {
			at := path + ".environment." + name
			switch {
			case m[1] == "balancer.url" && !s.balanced():
				d.report(at, "no service has http, so there is no load balancer")
			case m[1] == "database.secret" && s.Database == nil:
				d.report(at, "the stack has no database")
			case m[1] != "balancer.url" && m[1] != "database.secret":
				d.report(at, "nothing is known as `${%s}`", m[1]).Hint = "`${balancer.url}` is the load balancer's address, `${database.secret}` the ARN of the database's credentials; secrets themselves stand under `secrets`"
			}
		}
	}
}

// Mentions says that an environment variable's value holds a text.
func (s Service) Mentions(text string) bool {
	for _, value := range s.Environment {
		if strings.Contains(value, text) {
			return true
		}
	}
	return false
}

// balanced says that a service of the stack has the load balancer in front.
func (s *Stack) balanced() bool {
	for _, svc := range s.Services {
		if svc.HTTP != nil {
			return true
		}
	}
	return false
}

// http checks the patterns and the health path.
func (d *decoder) http(path string, h *HTTP, claimed map[string]string) {
	if len(h.Paths) == 0 {
		d.report(path, "no paths: nothing would be sent to the service").Hint = "add `paths: [/*]`"
	}
	if len(h.Paths) > 5 {
		d.report(path+".paths", "%d patterns; AWS allows five for a service", len(h.Paths))
	}
	for i, pattern := range h.Paths {
		at := fmt.Sprintf("%s.paths[%d]", path, i)
		if !pathForm.MatchString(pattern) || !strings.HasPrefix(pattern, "/") {
			d.report(at, "`%s` is no path pattern", pattern).Hint = "a pattern begins with / and has at most 128 of the characters A-Z a-z 0-9 _ - . $ / ~ \" ' @ : + & and the wildcards * and ?"
		}
		if other, twice := claimed[pattern]; twice {
			d.report(at, "`%s` is claimed twice, first by %s", pattern, other)
			continue
		}
		claimed[pattern] = at
	}
	if !strings.HasPrefix(h.Health, "/") || len(h.Health) > 1024 || strings.ContainsAny(h.Health, " \t*") {
		d.report(path+".health", "`%s` is no path", h.Health)
	}
	if h.Drain > 3600 {
		d.report(path+".drain", "%d seconds are more than an hour", h.Drain)
	}
}
