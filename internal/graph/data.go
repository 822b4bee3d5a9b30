package graph

import (
	"strings"

	"apex/internal/stack"
)

// The ports of MySQL and Redis.
const (
	databasePort = 3306
	cachePort    = 6379
)

// A Secret is kept in Secrets Manager. Its value is one that somebody gives by
// an environment variable, or a JSON object with a generated password.
type Secret struct {
	Meta
	Description string
	Env         string            // the variable that the value comes from, when it is set
	Required    bool              // no value: stop rather than put a placeholder
	Fields      map[string]string // what the JSON object begins with
	Generate    string            // the object's field that is a random password
}

// An Attachment completes a secret with the address of what it opens, and the
// URL of all together.
type Attachment struct {
	Meta
	Secret, Target ID
	Scheme         string // "mysql", "redis"
}

// A DBSubnetGroup says where a database may live.
type DBSubnetGroup struct {
	Meta
	Subnets []ID
}

// A DBInstance is a managed database.
type DBInstance struct {
	Meta
	SubnetGroup         ID
	Groups              []ID
	Secret              ID // its user and password
	Engine, Version     string
	Class               string
	Storage, StorageMax int // GiB
	BackupDays          int
	BackupWindow        string
	MaintenanceWindow   string
	MultiAZ, Encrypted  bool
	Protected           bool
	Database            string
}

// A CacheSubnetGroup says where a cache may live.
type CacheSubnetGroup struct {
	Meta
	Subnets []ID
}

// A CacheParameterGroup configures a cache.
type CacheParameterGroup struct {
	Meta
	Family     string // "redis7"
	Parameters map[string]string
}

// A ReplicationGroup is a managed Redis.
type ReplicationGroup struct {
	Meta
	SubnetGroup, ParameterGroup ID
	Groups                      []ID
	Secret                      ID // its password
	Version, Node               string
	MaintenanceWindow           string
}

// secrets adds the secrets that come from outside.
func (b *builder) secrets() {
	for name, s := range sorted(b.stack.Secrets) {
		b.secret[name] = b.add(Secret{
			Meta: b.path("Secret", name), Description: s.Description, Env: s.Env, Required: s.Required,
		})
	}
}

// database adds the database, its credentials and its URL.
func (b *builder) database() {
	db := b.stack.Database
	if db == nil {
		return
	}
	fields := map[string]string{"username": "apex", "dbname": db.Name, "engine": db.Engine.Name}
	secret := b.add(Secret{
		Meta: b.path("Secret", "database"), Description: "Database credentials", Fields: fields, Generate: "password",
	})
	subnets := b.add(DBSubnetGroup{b.meta("DBSubnetGroup", ""), b.private})
	instance := b.add(DBInstance{
		Meta: b.meta("DBInstance", ""), SubnetGroup: subnets, Groups: []ID{b.databaseGroup}, Secret: secret,
		Engine: db.Engine.Name, Version: db.Engine.Version, Class: db.Class,
		Storage: db.Storage.Min, StorageMax: growth(db.Storage.Min, db.Storage.Max),
		BackupDays: int(db.Backups), BackupWindow: db.Backup.String(), MaintenanceWindow: db.Maintenance.String(),
		MultiAZ: db.MultiAZ, Encrypted: stack.Enabled(db.Encrypted), Protected: db.Protected, Database: db.Name,
	})
	b.secret["database"] = b.add(Attachment{b.meta("Attachment", "database"), secret, instance, "mysql"})
}

// growth is the bound of storage that grows; zero for one that does not.
func growth(least, most int) int {
	if most > least {
		return most
	}
	return 0
}

// cache adds the cache, its password and its URL.
func (b *builder) cache() {
	c := b.stack.Cache
	if c == nil {
		return
	}
	secret := b.add(Secret{Meta: b.path("Secret", "cache"), Description: "Cache credentials", Generate: "password"})
	major, _, _ := strings.Cut(c.Engine.Version, ".")
	family := "redis" + major
	if major == "6" {
		family += ".x"
	}
	group := b.add(ReplicationGroup{
		Meta:        b.meta("ReplicationGroup", ""),
		SubnetGroup: b.add(CacheSubnetGroup{b.meta("CacheSubnetGroup", ""), b.private}),
		ParameterGroup: b.add(CacheParameterGroup{
			b.meta("CacheParameterGroup", ""), family, map[string]string{"maxmemory-policy": c.Eviction},
		}),
		Groups: []ID{b.cacheGroup}, Secret: secret,
		Version: c.Engine.Version, Node: c.Node, MaintenanceWindow: c.Maintenance.String(),
	})
	b.secret["cache"] = b.add(Attachment{b.meta("Attachment", "cache"), secret, group, "redis"})
}
