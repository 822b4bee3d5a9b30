package logs

import (
	"bufio"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"strings"
	"time"

	"apex/internal/api/logsapi"
	"apex/internal/arn"
	"apex/internal/controller"
	"apex/internal/dataplane/logfile"
	"apex/internal/service/logs/insights"
	"apex/internal/service/s3"
	"apex/internal/store"
)

// exportBytes is about how many bytes of lines one object holds; keepExports is how
// long ended exports are told of.
const (
	exportBytes = 64 << 20
	keepExports = 30 * 24 * time.Hour
)

func (s *Service) exportController() controller.Controller {
	return controller.New(controller.Spec[Export, ExportStatus]{
		Name: "logs/export", Table: Exports, Every: time.Hour,
		Status:    func(e *Export) *ExportStatus { return &e.Status },
		Reconcile: s.reconcileExport,
	})
}

// reconcileExport carries out an export. One that the region's end cut off begins
// anew and writes the same objects.
func (s *Service) reconcileExport(ctx context.Context, snap store.Snapshot, key string) (ExportStatus, error) {
	task, ok := Exports.Get(snap, key)
	switch {
	case !ok:
		return ExportStatus{}, nil
	case task.ended() && s.now().Sub(task.Status.Completed) > keepExports:
		return task.Status, controller.Remove
	case task.ended():
		return task.Status, nil
	case task.Spec.Cancelled:
		return ExportStatus{Code: logsapi.ExportTaskStatusCodeCancelled, Message: "Cancelled by the caller", Completed: s.now()}, nil
	}
	run, done := s.running.begin(ctx, key, new(insights.Progress))
	defer done()
	err := s.export(run, snap, task)
	switch {
	case ctx.Err() != nil:
		return task.Status, ctx.Err() // the region ends
	case errors.Is(err, context.Canceled):
		return ExportStatus{Code: logsapi.ExportTaskStatusCodeCancelled, Message: "Cancelled by the caller", Completed: s.now()}, nil
	case err != nil:
		s.log.WarnContext(ctx, "export failed", "task", task.Spec.ID, "error", err)
		return ExportStatus{Code: logsapi.ExportTaskStatusCodeFailed, Message: err.Error(), Completed: s.now()}, nil
	}
	return ExportStatus{Code: logsapi.ExportTaskStatusCodeCompleted, Message: "Completed successfully", Completed: s.now()}, nil
}

// export writes what AWS writes: a test object, then each stream's lines in
// numbered objects.
func (s *Service) export(ctx context.Context, snap store.Snapshot, task Export) error {
	scope, _ := arn.SplitKey(task.Key)
	put := func(name, kind string, body io.Reader) error {
		return s3.Deliver(snap, s.env, scope, task.Spec.Bucket, strings.TrimPrefix(task.Spec.Under+"/"+name, "/"), kind, body)
	}
	if err := put("aws-logs-write-test", "text/plain", strings.NewReader("Permission Check Successful")); err != nil {
		return err
	}
	group, ok := Groups.Get(snap, task.Spec.Group)
	if !ok {
		return errors.New("the log group was deleted")
	}
	from, to := task.Spec.From.UnixMilli(), task.Spec.To.UnixMilli()+1
	for _, stream := range streamsOf(snap, group, task.Spec.StreamPrefix) {
		next, stop := iter.Pull2(logfile.Events(dirOf(s.home, stream.Key), between(group, s.now(), &from, &to)))
		err := exportStream(ctx, next, func(n int, body io.Reader) error {
			return put(fmt.Sprintf("%s/%s/%06d.gz", task.Spec.ID, strings.ReplaceAll(stream.Spec.Name, "/", "-"), n), "application/x-gzip", body)
		})
		stop()
		if err != nil {
			return err
		}
	}
	return nil
}

// exportStream cuts a stream's lines into objects. It makes none of no lines.
func exportStream(ctx context.Context, next func() (logfile.Event, error, bool), put func(n int, body io.Reader) error) error {
	e, err, ok := next()
	for n := 0; ok && err == nil; n++ {
		read, write := io.Pipe()
		written := make(chan error, 1)
		go func() {
			var fault error
			e, ok, fault = writeLines(ctx, write, e, next)
			write.CloseWithError(fault)
			written <- fault
		}()
		err = put(n, read)
		read.Close() // so that the writer ends if put gave up
		err = errors.Join(err, <-written)
	}
	return err
}

// writeLines writes lines from an event on until there are enough, and returns the
// first event that it left.
func writeLines(ctx context.Context, w io.Writer, e logfile.Event, next func() (logfile.Event, error, bool)) (logfile.Event, bool, error) {
	z := gzip.NewWriter(w)
	lines, size, ok, err := bufio.NewWriter(z), 0, true, error(nil)
	for ok && err == nil && size < exportBytes {
		var n int
		n, err = fmt.Fprintf(lines, "%s %s\n", e.Time.UTC().Format("2006-01-02T15:04:05.000Z"), e.Message)
		size += n
		if err = errors.Join(err, ctx.Err()); err == nil {
			e, err, ok = next()
		}
	}
	return e, ok, errors.Join(err, lines.Flush(), z.Close())
}
