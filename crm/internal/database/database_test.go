package database

import (
	"database/sql/driver"
	"errors"
	"fmt"
	"net"
	"testing"
	"testing/fstest"

	"github.com/go-sql-driver/mysql"

	"apexai/crm/internal/problem"
)

func TestPoolSize(t *testing.T) {
	for _, tt := range []struct{ connections, tasks, want int }{
		{60, 10, 2}, {85, 10, 3}, {60, 4, 6}, {151, 10, 7}, {2000, 10, 16}, {10, 100, 2}, {5, 1, 2},
	} {
		if got := PoolSize(tt.connections, tt.tasks); got != tt.want {
			t.Errorf("%d connections, %d tasks: %d, want %d", tt.connections, tt.tasks, got, tt.want)
		}
	}
}

func TestLoadMigrations(t *testing.T) {
	list, err := load(fstest.MapFS{
		"0002_b.sql": {Data: []byte("C")},
		"0001_a.sql": {Data: []byte("A\n-- next\nB\n-- next\n\n")},
		"notes.txt":  {Data: []byte("not SQL")},
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(list) != 2 || list[0].name != "0001_a" || fmt.Sprint(list[0].statements) != "[A B]" || list[0].sum == list[1].sum {
		t.Errorf("%+v", list)
	}
	for name, files := range map[string]fstest.MapFS{
		"one number twice": {"0001_a.sql": {}, "0001_b.sql": {}},
		"no number":        {"a.sql": {}},
	} {
		if _, err := load(files); err == nil {
			t.Errorf("%s was taken", name)
		}
	}
}

func TestErrorsAreTold(t *testing.T) {
	numbered := func(n uint16) error { return fmt.Errorf("x: %w", &mysql.MySQLError{Number: n}) }
	for name, tt := range map[string]struct {
		err     error
		again   bool
		unavail bool
	}{
		"deadlock":       {numbered(errDeadlock), true, true},
		"dead when idle": {driver.ErrBadConn, true, true},
		"refused":        {&net.OpError{Op: "dial", Err: errors.New("refused")}, false, true},
		"full":           {numbered(errTooManyConnections), false, true},
		"duplicate":      {numbered(errDuplicate), false, false},
		"syntax":         {numbered(1064), false, false},
		"none":           {nil, false, false},
	} {
		if passing(tt.err) != tt.again {
			t.Errorf("%s: passing is %v", name, !tt.again)
		}
		p, ok := errors.AsType[*problem.Problem](explain(tt.err))
		if ok != tt.unavail || ok && p.Status != 503 {
			t.Errorf("%s: %v", name, explain(tt.err))
		}
	}
}
