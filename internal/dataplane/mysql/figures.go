package mysql

import (
	"context"
	"fmt"
	"io/fs"
	"maps"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"apex/internal/dataplane/supervisor"
)

// Figures are what a running server counts. Counters begin with the server.
type Figures struct {
	CPU         time.Duration // of all threads
	Resident    int64         // bytes of memory
	Stored      int64         // bytes of its files
	Connections int64         // sessions but this one
	Queries     int64         // statements, those of procedures too
	Reads       int64         // what was read from files, in operations and bytes
	ReadBytes   int64
	Writes      int64 // of data and of logs
	WriteBytes  int64
}

// Measure reads a running server's figures.
func Measure(ctx context.Context, dir string) (Figures, error) {
	ctx, cancel := context.WithTimeout(ctx, pingTimeout)
	defer cancel()
	var f Figures
	err := withAdmin(ctx, dir, func(a *admin) (err error) {
		f, err = a.figures(ctx)
		return err
	})
	if err != nil {
		return f, fmt.Errorf("measure mysql: %w", err)
	}
	process, err := supervisor.Observe(supervisorDir(dir))
	if err != nil {
		return f, err
	}
	usage, err := supervisor.UsageOf(process.PID)
	if err != nil {
		return f, err
	}
	f.CPU, f.Resident, f.Stored = usage.CPU, usage.Resident, stored(dir)
	return f, nil
}

func (a *admin) figures(ctx context.Context) (Figures, error) {
	var f Figures
	var logWrites, logBytes, binlogWrites, binlogBytes int64
	into := map[string]*int64{
		"Threads_connected": &f.Connections, "Queries": &f.Queries,
		"Innodb_data_reads": &f.Reads, "Innodb_data_read": &f.ReadBytes,
		"Innodb_data_writes": &f.Writes, "Innodb_data_written": &f.WriteBytes,
		"Innodb_log_writes": &logWrites, "Innodb_os_log_written": &logBytes,
		"Binlog_group_commits": &binlogWrites, "Binlog_bytes_written": &binlogBytes,
	}
	names := "'" + strings.Join(slices.Sorted(maps.Keys(into)), "','") + "'"
	rows, err := a.db.QueryContext(ctx, "SHOW GLOBAL STATUS WHERE Variable_name IN ("+names+")")
	if err != nil {
		return f, err
	}
	defer rows.Close()
	for rows.Next() {
		var name, value string
		if err := rows.Scan(&name, &value); err != nil {
			return f, err
		}
		if place := into[name]; place != nil {
			if *place, err = strconv.ParseInt(value, 10, 64); err != nil {
				return f, fmt.Errorf("status %s: %w", name, err)
			}
		}
	}
	if binlogBytes > 0 { // MariaDB counts its logs apart; MySQL's data writes hold them
		f.Writes += logWrites + binlogWrites
		f.WriteBytes += logBytes + binlogBytes
	}
	f.Connections = max(0, f.Connections-1)
	return f, rows.Err()
}

// stored adds up the server's files. One that goes while it is looked at counts
// nothing.
func stored(dir string) (bytes int64) {
	_ = filepath.WalkDir(dir, func(_ string, entry fs.DirEntry, err error) error {
		if err != nil {
			return nil
		}
		if info, err := entry.Info(); err == nil && info.Mode().IsRegular() {
			bytes += info.Size()
		}
		return nil
	})
	return bytes
}
