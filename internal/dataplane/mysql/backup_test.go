package mysql

import (
	"context"
	"path/filepath"
	"testing"
)

func TestBackup(t *testing.T) {
	cfg := instance(t)
	applied(t, cfg)
	db := client(t, cfg)
	run(t, db, "CREATE TABLE kept (n INT PRIMARY KEY)")
	ctx, cancel := context.WithCancel(t.Context())
	written := make(chan int)
	go func() {
		n := 0
		for ctx.Err() == nil {
			if _, err := db.ExecContext(ctx, "INSERT INTO kept VALUES (?)", n); err != nil {
				break
			}
			n++
		}
		written <- n
	}()
	for value(t, db, "SELECT COUNT(*) FROM kept") == "0" {
	}
	backup := filepath.Join(closedDir(t), "backups", "one")
	if err := Backup(t.Context(), cfg.Dir, backup); err != nil {
		t.Fatal(err)
	}
	cancel()
	after := <-written
	run(t, db, "DROP TABLE kept")

	second := instance(t)
	second.From, second.Master.Password = backup, "another"
	applied(t, second)
	copied := client(t, second)
	var rows, last int
	if err := copied.QueryRowContext(t.Context(), "SELECT COUNT(*), MAX(n) FROM kept").Scan(&rows, &last); err != nil {
		t.Fatal(err)
	}
	if rows != last+1 || rows > after+1 { // one more may have been written and not answered
		t.Errorf("the copy has %d rows, the last is %d; %d were written", rows, last, after)
	}
	run(t, copied, "INSERT INTO kept VALUES (-1)")
}

func TestApplyLetsAHeldServerGoOn(t *testing.T) {
	cfg := instance(t)
	applied(t, cfg)
	if err := freeze(observed(t, cfg.Dir).PID); err != nil {
		t.Fatal(err)
	}
	applied(t, cfg)
	run(t, client(t, cfg), "SELECT 1")
}

func TestThreadState(t *testing.T) {
	for line, want := range map[string]byte{"12 (a) b) T 1": 'T', "12 (a": 0, "12 (a)": 0, "": 0} {
		if got := threadState(line); got != want {
			t.Errorf("%q: %q, want %q", line, got, want)
		}
	}
}
