package database

import (
	"context"
	"database/sql/driver"
	"sync"
	"time"

	"github.com/go-sql-driver/mysql"

	"apexai/crm/internal/awssecret"
)

// askAgain is how long a login that did not help is not read once more.
const askAgain = 5 * time.Second

// renewing is a connector that reads the login again when MySQL refuses it: a
// password that was changed meanwhile must not need a new process.
type renewing struct {
	source *awssecret.Source

	mu        sync.Mutex
	config    *mysql.Config
	connector driver.Connector
	asked     time.Time
}

func newRenewing(c *mysql.Config, source *awssecret.Source) (*renewing, error) {
	connector, err := mysql.NewConnector(c)
	return &renewing{source: source, config: c, connector: connector}, err
}

// Driver is the driver of both connectors.
func (r *renewing) Driver() driver.Driver { return r.connector.Driver() }

// Connect connects with the login as it is known, or as it is now.
func (r *renewing) Connect(ctx context.Context) (driver.Conn, error) {
	used := r.current()
	conn, err := used.Connect(ctx)
	if number(err) != errAccessDenied {
		return conn, err
	}
	if next := r.renew(ctx, used); next != used {
		return next.Connect(ctx)
	}
	return nil, err
}

func (r *renewing) current() driver.Connector {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.connector
}

// renew reads the login, unless another connection did so since used failed.
// What cannot be read leaves things as they are: MySQL's refusal is the error.
func (r *renewing) renew(ctx context.Context, used driver.Connector) driver.Connector {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.connector != used || time.Since(r.asked) < askAgain {
		return r.connector
	}
	r.asked = time.Now()
	login, err := r.source.Read(ctx)
	if err != nil || login.Username == r.config.User && login.Password == r.config.Passwd {
		return r.connector
	}
	changed := r.config.Clone()
	changed.User, changed.Passwd = login.Username, login.Password
	if next, err := mysql.NewConnector(changed); err == nil {
		r.config, r.connector = changed, next
	}
	return r.connector
}
