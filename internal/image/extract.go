package image

import (
	"archive/tar"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"slices"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// The bounds of one layer; real images stay far below.
const (
	maxEntries = 1 << 20
	maxContent = 64 << 30
)

// Whiteouts stand in a layer for what it hides from the layers below.
const (
	whiteout       = ".wh."
	opaqueWhiteout = ".wh..wh..opq"
)

// extract lays a tar file out in dir, its whiteouts as overlayfs writes them.
//
// Every path is resolved within dir by the kernel (os.Root), so neither ".."
// nor symbolic links, of this entry or an earlier one, lead out. Devices are
// left out: a task has its own /dev. Owners are set if this process may.
func extract(r io.Reader, dir string) error {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return err
	}
	defer root.Close()
	x := &extractor{root: root, owners: os.Geteuid() == 0, left: maxContent}
	entries := tar.NewReader(r)
	for n := 0; ; n++ {
		header, err := entries.Next()
		if errors.Is(err, io.EOF) {
			return x.finish()
		}
		if err != nil {
			return fmt.Errorf("tar: %w", err)
		}
		if n == maxEntries {
			return fmt.Errorf("tar: more than %d entries", maxEntries)
		}
		if err := x.entry(header, entries); err != nil {
			return fmt.Errorf("entry %q: %w", header.Name, err)
		}
	}
}

type extractor struct {
	root    *os.Root
	owners  bool
	left    int64 // bytes of content still allowed
	folders []*tar.Header
}

// entry makes one entry. A later entry replaces an earlier one of its name,
// except that folders keep what is in them.
func (x *extractor) entry(h *tar.Header, content io.Reader) error {
	name, err := entryPath(h.Name)
	if err != nil {
		return err
	}
	if parent := path.Dir(name); parent != "." {
		if err := x.root.MkdirAll(parent, 0o755); err != nil {
			return err
		}
	}
	if base := path.Base(name); strings.HasPrefix(base, whiteout) {
		return x.whiteout(path.Dir(name), base)
	}
	if err := x.clear(name, h.Typeflag == tar.TypeDir); err != nil {
		return err
	}
	switch h.Typeflag {
	case tar.TypeDir:
		return x.folder(name, h)
	case tar.TypeReg:
		err = x.file(name, h, content)
	case tar.TypeSymlink:
		err = x.root.Symlink(h.Linkname, name)
	case tar.TypeLink:
		return x.link(name, h.Linkname)
	case tar.TypeFifo:
		err = x.node(name, unix.S_IFIFO|0o600)
	case tar.TypeChar, tar.TypeBlock:
		return nil
	default:
		return fmt.Errorf("unknown type %q", h.Typeflag)
	}
	if err != nil {
		return err
	}
	return x.attributes(name, h)
}

// entryPath makes an entry's name relative: images hold "etc", "./etc" and
// "/etc". What points out of the image is refused, not bent.
func entryPath(name string) (string, error) {
	clean := path.Clean(strings.TrimLeft(name, "/"))
	if clean == ".." || strings.HasPrefix(clean, "../") || strings.ContainsRune(name, 0) {
		return "", errors.New("outside of the image")
	}
	return clean, nil
}

// clear removes what stands at a name, but not a folder that stays one.
func (x *extractor) clear(name string, folder bool) error {
	if name == "." {
		if !folder {
			return errors.New("the root must be a folder")
		}
		return nil
	}
	info, err := x.root.Lstat(name)
	if errors.Is(err, fs.ErrNotExist) || err == nil && folder && info.IsDir() {
		return nil
	}
	if err != nil {
		return err
	}
	return x.root.RemoveAll(name)
}

// folder makes a folder. Its mode and time come last, when all is in it.
func (x *extractor) folder(name string, h *tar.Header) error {
	if err := x.root.Mkdir(name, 0o755); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	later := *h
	later.Name = name
	x.folders = append(x.folders, &later)
	return nil
}

func (x *extractor) file(name string, h *tar.Header, content io.Reader) error {
	if _, sparse := h.PAXRecords["GNU.sparse.major"]; sparse {
		return errors.New("sparse files are not supported") // a few bytes could stand for terabytes
	}
	if x.left -= h.Size; x.left < 0 {
		return fmt.Errorf("layer holds more than %d bytes", int64(maxContent))
	}
	f, err := x.root.OpenFile(name, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = io.Copy(f, content)
	return errors.Join(err, f.Close())
}

func (x *extractor) link(name, target string) error {
	to, err := entryPath(target)
	if err != nil {
		return fmt.Errorf("link to %q: %w", target, err)
	}
	return x.root.Link(to, name)
}

// whiteout hides a name, or all of a folder, from the layers below.
func (x *extractor) whiteout(folder, base string) error {
	if base == opaqueWhiteout {
		f, err := x.root.Open(folder)
		if err != nil {
			return err
		}
		defer f.Close()
		return unix.Fsetxattr(int(f.Fd()), "trusted.overlay.opaque", []byte("y"), 0)
	}
	hidden := strings.TrimPrefix(base, whiteout)
	if hidden == "" || hidden == "." || hidden == ".." {
		return errors.New("whiteout of nothing")
	}
	name := path.Join(folder, hidden)
	if _, err := x.root.Lstat(name); err == nil {
		return nil // the layer brings its own
	}
	return x.node(name, unix.S_IFCHR) // device 0:0 is overlayfs's whiteout
}

// node makes a special file.
func (x *extractor) node(name string, mode uint32) error {
	parent, err := x.root.Open(path.Dir(name))
	if err != nil {
		return err
	}
	defer parent.Close()
	return unix.Mknodat(int(parent.Fd()), path.Base(name), mode, 0)
}

// finish gives folders their modes and times. The last entry of a name counts,
// and a folder that a later entry replaced by something else has none.
func (x *extractor) finish() error {
	done := map[string]bool{}
	for _, h := range slices.Backward(x.folders) {
		info, err := x.root.Lstat(h.Name)
		if done[h.Name] || err != nil || !info.IsDir() {
			continue
		}
		done[h.Name] = true
		if err := x.attributes(h.Name, h); err != nil {
			return fmt.Errorf("entry %q: %w", h.Name, err)
		}
	}
	return nil
}

// attributes sets owner, mode and time of what was just made.
func (x *extractor) attributes(name string, h *tar.Header) error {
	if x.owners {
		if err := x.root.Lchown(name, h.Uid, h.Gid); err != nil {
			return err
		}
	}
	if h.Typeflag == tar.TypeSymlink {
		return nil
	}
	if err := x.root.Chmod(name, fileMode(h.Mode)); err != nil {
		return err
	}
	return x.root.Chtimes(name, time.Time{}, h.ModTime)
}

// fileMode turns a tar mode's bits into Go's.
func fileMode(bits int64) fs.FileMode {
	mode := fs.FileMode(bits & 0o777)
	for bit, flag := range map[int64]fs.FileMode{
		unix.S_ISUID: fs.ModeSetuid, unix.S_ISGID: fs.ModeSetgid, unix.S_ISVTX: fs.ModeSticky,
	} {
		if bits&bit != 0 {
			mode |= flag
		}
	}
	return mode
}
