package stack

import (
	"regexp"
	"slices"
	"strings"
	"time"
)

var (
	classForm    = regexp.MustCompile(`^db\.[a-z0-9-]+\.[a-z0-9]+$`)
	nodeForm     = regexp.MustCompile(`^cache\.[a-z0-9-]+\.[a-z0-9]+$`)
	databaseForm = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_]{0,63}$`)
	evictions    = []string{"volatile-lru", "allkeys-lru", "volatile-lfu", "allkeys-lfu", "volatile-random", "allkeys-random", "volatile-ttl", "noeviction"}
	databases    = []string{"mysql 8.0", "mysql 8.4", "mariadb 10.11"}
	caches       = []string{"redis 7.0", "redis 7.1", "redis 6.2"}
)

// data checks the database and the cache.
func (d *decoder) data(s *Stack) {
	if s.Database != nil {
		d.database("database", s.Database)
	}
	if s.Cache != nil {
		d.cache("cache", s.Cache)
	}
}

func (d *decoder) database(path string, db *Database) {
	d.engine(path+".engine", db.Engine, databases)
	if !classForm.MatchString(db.Class) {
		d.report(path+".class", "`%s` is no instance class such as db.t3.micro", db.Class)
	}
	if !databaseForm.MatchString(db.Name) {
		d.report(path+".name", "`%s` is no database name: a letter, then letters, digits and _", db.Name)
	}
	if db.Storage.Min < 20 || db.Storage.Max > 65536 {
		d.report(path+".storage", "%d to %d GiB: RDS takes 20 to 65536", db.Storage.Min, db.Storage.Max)
	}
	if db.Storage.Max != db.Storage.Min && db.Storage.Max*10 < db.Storage.Min*11 {
		d.report(path+".storage", "the bound of %d GiB must be a tenth above %d GiB at least", db.Storage.Max, db.Storage.Min)
	}
	if db.Backups > 35 {
		d.report(path+".backups", "RDS keeps backups for 35 days at most, not %d", db.Backups)
	}
	if db.Maintenance.Length() < 30*time.Minute {
		d.report(path+".maintenance", "RDS wants half an hour at least")
	}
	if db.Backup.Length() < 30*time.Minute {
		d.report(path+".backup-window", "RDS wants half an hour at least")
	}
	if db.Backup.Overlaps(db.Maintenance.DayWindow) {
		d.report(path+".backup-window", "%s overlaps the maintenance window %s", db.Backup, db.Maintenance.DayWindow)
	}
}

func (d *decoder) cache(path string, c *Cache) {
	d.engine(path+".engine", c.Engine, caches)
	if !nodeForm.MatchString(c.Node) {
		d.report(path+".node", "`%s` is no node type such as cache.t3.micro", c.Node)
	}
	if !slices.Contains(evictions, c.Eviction) {
		d.report(path+".eviction", "Redis has no policy `%s`", c.Eviction).Hint = suggest(c.Eviction, evictions)
	}
	if c.Maintenance.Length() < time.Hour {
		d.report(path+".maintenance", "ElastiCache wants an hour at least")
	}
}

// engine checks that a product comes in the wanted version; a patch release of
// a known version is as good.
func (d *decoder) engine(path string, e Engine, known []string) {
	for _, k := range known {
		if e.String() == k || strings.HasPrefix(e.String(), k+".") {
			return
		}
	}
	d.report(path, "no `%s` here", e).Hint = "known: " + list(known)
}
