// Package files keeps files in MySQL, in pieces: the tasks of the server come
// and go and share no disk. Nothing holds a whole file in memory, nor a
// connection while somebody sends or reads one.
package files

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"apexai/crm/internal/database"
	"apexai/crm/internal/id"
	"apexai/crm/internal/problem"
	"apexai/crm/internal/tenant"
)

const (
	chunkSize = 256 << 10
	halfDone  = time.Hour // after which what was never finished may go
)

// A Store keeps files.
type Store struct {
	DB  *database.DB
	Now func() time.Time
}

// A File is one file.
type File struct {
	ID        id.ID
	Name      string
	Size      int64
	ExpiresAt time.Time
}

const (
	insertFile    = `INSERT INTO files (workspace_id, id, name, created_at, expires_at) VALUES (?, ?, ?, ?, ?)`
	insertChunk   = `INSERT INTO file_chunks (workspace_id, file_id, number, data) VALUES (?, ?, ?, ?)`
	updateFile    = `UPDATE files SET size = ?, expires_at = ? WHERE workspace_id = ? AND id = ?`
	selectFile    = `SELECT id, name, size, expires_at FROM files WHERE workspace_id = ? AND id = ?`
	selectChunk   = `SELECT data FROM file_chunks WHERE workspace_id = ? AND file_id = ? AND number = ?`
	deleteFile    = `DELETE FROM files WHERE workspace_id = ? AND id = ?`
	selectExpired = `SELECT workspace_id, id FROM files WHERE expires_at < ? ORDER BY expires_at LIMIT 100`
)

// Put keeps what from gives, for a time. A file that does not come whole is
// taken away again.
func (s Store) Put(ctx context.Context, t tenant.Tenant, name string, from io.Reader, keep time.Duration) (File, error) {
	w, err := s.Create(ctx, t, name)
	if err != nil {
		return File{}, err
	}
	if _, err := io.Copy(w, from); err != nil {
		return File{}, errors.Join(err, s.Remove(context.WithoutCancel(ctx), t, w.file.ID))
	}
	return w.Finish(keep)
}

// A Writer takes the content of a file.
type Writer struct {
	ctx    context.Context
	store  Store
	tenant tenant.Tenant
	file   File
	number int
	buffer []byte
}

// Create begins a file, which is gone in an hour if it is not finished.
func (s Store) Create(ctx context.Context, t tenant.Tenant, name string) (*Writer, error) {
	f := File{ID: id.New(), Name: name}
	now := s.Now().UTC()
	err := s.exec(ctx, insertFile, t.Workspace, f.ID, f.Name, now, now.Add(halfDone))
	if err != nil {
		return nil, fmt.Errorf("begin file: %w", err)
	}
	return &Writer{ctx: ctx, store: s, tenant: t, file: f, buffer: make([]byte, 0, chunkSize)}, nil
}

// ID names the file.
func (w *Writer) ID() id.ID { return w.file.ID }

// Write takes the next part.
func (w *Writer) Write(p []byte) (int, error) {
	for rest := p; len(rest) > 0; {
		n := min(chunkSize-len(w.buffer), len(rest))
		w.buffer = append(w.buffer, rest[:n]...)
		rest = rest[n:]
		if len(w.buffer) == chunkSize {
			if err := w.flush(); err != nil {
				return 0, err
			}
		}
	}
	return len(p), nil
}

func (w *Writer) flush() error {
	if len(w.buffer) == 0 {
		return nil
	}
	if err := w.store.exec(w.ctx, insertChunk, w.tenant.Workspace, w.file.ID, w.number, w.buffer); err != nil {
		return fmt.Errorf("keep piece %d of file: %w", w.number, err)
	}
	w.number++
	w.file.Size += int64(len(w.buffer))
	w.buffer = w.buffer[:0]
	return nil
}

// Finish keeps the file for a time.
func (w *Writer) Finish(keep time.Duration) (File, error) {
	if err := w.flush(); err != nil {
		return w.file, err
	}
	w.file.ExpiresAt = w.store.Now().UTC().Add(keep)
	err := w.store.exec(w.ctx, updateFile, w.file.Size, w.file.ExpiresAt, w.tenant.Workspace, w.file.ID)
	return w.file, err
}

func (s Store) exec(ctx context.Context, query string, args ...any) error {
	return s.DB.View(ctx, func(ctx context.Context, q database.Queryer) error {
		_, err := database.Exec(ctx, q, query, args...)
		return err
	})
}

// Get tells of a file; one whose time is up is not found.
func (s Store) Get(ctx context.Context, t tenant.Tenant, which id.ID) (f File, err error) {
	err = s.DB.View(ctx, func(ctx context.Context, q database.Queryer) error {
		var ok bool
		f, ok, err = database.One(ctx, q, func(row database.Row, f *File) error { return row.Scan(&f.ID, &f.Name, &f.Size, &f.ExpiresAt) },
			selectFile, t.Workspace, which)
		if err == nil && (!ok || !s.Now().Before(f.ExpiresAt)) {
			err = problem.NotFound("file")
		}
		return err
	})
	return f, err
}

// Open reads a file piece by piece, each with a connection of its own.
func (s Store) Open(ctx context.Context, t tenant.Tenant, which id.ID) io.Reader {
	return &reader{ctx: ctx, store: s, tenant: t, file: which}
}

type reader struct {
	ctx    context.Context
	store  Store
	tenant tenant.Tenant
	file   id.ID
	number int
	rest   []byte
	end    bool
}

func (r *reader) Read(p []byte) (int, error) {
	for len(r.rest) == 0 {
		if r.end {
			return 0, io.EOF
		}
		err := r.store.DB.View(r.ctx, func(ctx context.Context, q database.Queryer) error {
			data, ok, err := database.One(ctx, q, database.Scalar[[]byte], selectChunk, r.tenant.Workspace, r.file, r.number)
			r.rest, r.end = data, !ok
			return err
		})
		if err != nil {
			return 0, fmt.Errorf("read piece %d of file: %w", r.number, err)
		}
		r.number++
	}
	n := copy(p, r.rest)
	r.rest = r.rest[n:]
	return n, nil
}

// Remove takes a file away.
func (s Store) Remove(ctx context.Context, t tenant.Tenant, which id.ID) error {
	return s.exec(ctx, deleteFile, t.Workspace, which)
}

// Clean takes away the files whose time is up.
func (s Store) Clean(ctx context.Context) error {
	type old struct {
		workspace uint32
		file      id.ID
	}
	var all []old
	err := s.DB.View(ctx, func(ctx context.Context, q database.Queryer) (err error) {
		all, err = database.All(ctx, q, func(row database.Row, o *old) error { return row.Scan(&o.workspace, &o.file) }, selectExpired, s.Now().UTC())
		return err
	})
	for _, o := range all {
		err = errors.Join(err, s.exec(ctx, deleteFile, o.workspace, o.file))
	}
	return err
}
