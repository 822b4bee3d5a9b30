package config

import (
	"net"
	"net/url"
	"strings"
)

// database takes DATABASE_URL, or its parts from DB_HOST and friends.
func (r *reader) database() Database {
	d := Database{
		MaxOpen:  r.integer("DB_MAX_OPEN", 0, 0, 200),
		MaxTasks: r.integer("DB_MAX_TASKS", 10, 1, 1000),
		Login:    r.awsSecret("DATABASE_SECRET"),
	}
	if v := r.text("DATABASE_URL", ""); v != "" {
		r.databaseURL(&d, v)
		return d
	}
	if r.text("DB_HOST", "") == "" {
		r.fault("DATABASE_URL", "is missing (and so is DB_HOST); it looks like mysql://user:password@host:3306/name")
		return d
	}
	d.Address = net.JoinHostPort(r.text("DB_HOST", ""), r.text("DB_PORT", "3306"))
	d.User, d.Name = r.required("DB_USER"), r.required("DB_NAME")
	d.Password = Secret(r.get("DB_PASSWORD"))
	r.note("DB_PASSWORD", string(d.Password), d.Password != "")
	d.TLS = r.oneOf("DB_TLS", "", "", "true", "skip-verify", "preferred")
	return d
}

func (r *reader) required(name string) string {
	v := r.text(name, "")
	if v == "" {
		r.fault(name, "is missing")
	}
	return v
}

func (r *reader) databaseURL(d *Database, v string) {
	u, err := url.Parse(v)
	if err != nil || u.Scheme != "mysql" || u.Hostname() == "" {
		r.fault("DATABASE_URL", "is not a URL like mysql://user:password@host:3306/name") // never echoed: it holds a password
		return
	}
	port := u.Port()
	if port == "" {
		port = "3306"
	}
	d.Address = net.JoinHostPort(u.Hostname(), port)
	d.User = u.User.Username()
	password, _ := u.User.Password()
	d.Password = Secret(password)
	d.Name = strings.TrimPrefix(u.Path, "/")
	d.TLS = u.Query().Get("tls")
	if d.User == "" {
		r.fault("DATABASE_URL", "names no user")
	}
	if d.Name == "" || strings.Contains(d.Name, "/") {
		r.fault("DATABASE_URL", "names no database")
	}
	switch d.TLS {
	case "", "true", "skip-verify", "preferred":
	default:
		r.fault("DATABASE_URL", "tls is not one of true, skip-verify, preferred")
	}
}
