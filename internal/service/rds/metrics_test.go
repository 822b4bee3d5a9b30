package rds

import (
	"fmt"
	"testing"
	"time"

	"apex/internal/dataplane/mysql"
)

func TestFigures(t *testing.T) {
	start := time.Date(2026, 11, 25, 12, 0, 0, 0, time.UTC)
	size := Sizing{Class: "db.t3.micro", Storage: 20}
	before := reading{At: start, Counts: mysql.Figures{CPU: time.Second, Queries: 100, Reads: 10, Writes: 20, ReadBytes: 1000, WriteBytes: 2000}}
	after := reading{At: start.Add(5 * time.Second), Counts: mysql.Figures{
		CPU: 2 * time.Second, Queries: 150, Reads: 15, Writes: 40, ReadBytes: 6000, WriteBytes: 2500, Connections: 3, Stored: gib, Resident: gib / 4,
	}}
	got := map[string]string{}
	for _, f := range figures(size, before, after, true) {
		got[f.Name] = fmt.Sprintf("%g %s", f.Value, f.Unit)
	}
	for name, want := range map[string]string{
		"CPUUtilization": "10 Percent", "Queries": "10 Count/Second", "ReadIOPS": "1 Count/Second", "WriteIOPS": "4 Count/Second",
		"ReadThroughput": "1000 Bytes/Second", "WriteThroughput": "100 Bytes/Second", "DatabaseConnections": "3 Count",
		"FreeStorageSpace": fmt.Sprintf("%g Bytes", float64(19*gib)), "FreeableMemory": fmt.Sprintf("%g Bytes", float64(gib-gib/4)),
	} {
		if got[name] != want {
			t.Errorf("%s is %s, want %s", name, got[name], want)
		}
	}
	// A server that began anew has no rates.
	if all := figures(size, after, before, true); len(all) != 3 {
		t.Errorf("rates across a restart: %v", all)
	}
	if all := figures(size, reading{}, after, false); len(all) != 3 {
		t.Errorf("rates of one reading: %v", all)
	}
}

func TestVirtualCPUs(t *testing.T) {
	for class, want := range map[string]int64{"db.t3.micro": 2, "db.t3.medium": 2, "db.m5.large": 2, "db.m5.xlarge": 4, "db.r5.large": 2, "db.r5.2xlarge": 8, "odd": 2} {
		if got := virtualCPUs(class); got != want {
			t.Errorf("%s has %d, want %d", class, got, want)
		}
	}
}
