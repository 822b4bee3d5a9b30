// Command bench measures the CRM as one task of its service would run: half a
// core, 1,024 MiB, three database connections, 50,000 people, 5,000 deals and
// 200,000 activities. Each figure stands beside the bound or the peer that it
// is held against, measured in the same run.
//
//	go run ./bench                  everything; about 15 minutes
//	go run ./bench -scale 0.01      a hundredth of the records, to try it
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"syscall"
	"time"
)

func main() {
	var o options
	flag.Float64Var(&o.scale, "scale", 1, "how much of the records to make")
	flag.DurationVar(&o.steady, "steady", 20*time.Second, "how long each page is asked for at 50 requests a second")
	flag.DurationVar(&o.burst, "burst", 8*time.Second, "how long each list handler is asked as fast as it answers")
	flag.StringVar(&o.table, "table", "", "write the table to this file as well")
	flag.StringVar(&o.dir, "dir", "", "keep the records in this folder, and use those that are there")
	flag.StringVar(&o.only, "only", "", "measure only \"pages\" or \"lists\"")
	flag.BoolVar(&o.fillOnly, "fill", false, "make the records in -dir, and end")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
	defer stop()
	if err := run(ctx, o); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

type options struct {
	scale         float64
	steady, burst time.Duration
	table         string
	dir           string
	only          string
	fillOnly      bool
}

func run(ctx context.Context, o options) error {
	m, err := newMachine(ctx, o.dir)
	if err != nil {
		return err
	}
	defer m.close()
	var t table
	filled := time.Now()
	ws, err := m.fill(ctx, o.scale)
	if err != nil {
		return fmt.Errorf("records: %w", err)
	}
	fmt.Fprintf(os.Stderr, "records made in %s\n", time.Since(filled).Round(time.Second))
	if o.fillOnly {
		return nil
	}
	crm, err := m.startServer(ctx)
	if err != nil {
		return err
	}
	t.add("server start to ready, one task", crm.ready.Seconds()*1000, "ms", "", 0)
	if o.only != "lists" {
		if err := m.pages(ctx, &t, crm, ws, o.steady); err != nil {
			return err
		}
	}
	if o.only != "pages" {
		if err := m.lists(ctx, &t, crm, ws, o.burst); err != nil {
			return err
		}
	}
	t.add("memory of the server after all this (RSS)", float64(crm.memory())/(1<<20), "MiB", "at most 1,024", 1024)
	return t.write(o.table)
}
