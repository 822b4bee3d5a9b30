package logfile

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/klauspost/compress/zstd"
)

// staleTemporary is the age at which a packer's unfinished file is another's left
// behind.
const staleTemporary = 10 * time.Minute

// Pack compresses the segments of the stream in dir that are full. Readers of any
// process go on meanwhile, at the same positions. It may end at any moment: what
// is half done is done again or cleared by the next Pack.
func Pack(dir string) error {
	numbers, err := segments(dir)
	if err != nil {
		return err
	}
	clearTemporaries(dir)
	for _, n := range numbers {
		if _, full := segmentSpan(dir, n); !full {
			continue
		}
		if err := packSegment(dir, n); err != nil {
			return fmt.Errorf("compress segment %d of %s: %w", n, dir, err)
		}
	}
	return nil
}

func clearTemporaries(dir string) {
	left, _ := filepath.Glob(filepath.Join(dir, "*.tmp")) // the pattern is right
	for _, path := range left {
		if info, err := os.Stat(path); err == nil && time.Since(info.ModTime()) > staleTemporary {
			os.Remove(path)
		}
	}
}

// packSegment replaces one plain segment. The steps are such that at any moment
// the plain file, the compressed one or both are there and whole.
func packSegment(dir string, number uint64) error {
	plain := segmentPath(dir, number)
	whole, err := os.ReadFile(plain)
	if errors.Is(err, fs.ErrNotExist) {
		return nil // packed or deleted
	}
	if err != nil {
		return err
	}
	if _, err := os.Stat(packedPath(dir, number)); err == nil {
		return remove(plain) // an earlier Pack died before it came to this
	}
	compressed, err := compress(whole)
	if err != nil {
		return nil // damaged: it stays as it is, for what can still be read of it
	}
	if err := replace(packedPath(dir, number), compressed); err != nil {
		return err
	}
	return remove(plain)
}

// remove deletes a file that another process may have deleted already.
func remove(path string) error {
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

// replace puts a file in place as a whole, on the disk before it has its name.
func replace(path string, content []byte) error {
	dir := filepath.Dir(path)
	temporary, err := os.CreateTemp(dir, strings.TrimSuffix(filepath.Base(path), packedExtension)+".*.tmp")
	if err != nil {
		return err
	}
	defer os.Remove(temporary.Name()) // gone already if all went well
	_, err = temporary.Write(content)
	if err := errors.Join(err, temporary.Sync(), temporary.Close()); err != nil {
		return err
	}
	if err := os.Rename(temporary.Name(), path); err != nil {
		return err
	}
	parent, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(parent.Sync(), parent.Close())
}

var encoder = sync.OnceValues(func() (*zstd.Encoder, error) {
	return zstd.NewWriter(nil, zstd.WithEncoderConcurrency(1), zstd.WithWindowSize(blockSize))
})

// compress returns a whole segment file in its compressed form, or errDamaged.
func compress(plain []byte) ([]byte, error) {
	before, err := decodeHeader(plain)
	if err != nil {
		return nil, err
	}
	e, err := encoder()
	if err != nil {
		return nil, err
	}
	out := encodeHeaderAs(packedMagic, before)
	p := &packed{size: int64(len(plain))}
	for off := int64(headerSize); off < p.size; {
		end, times, err := blockFrom(plain, off)
		if err != nil {
			return nil, err
		}
		p.blocks = append(p.blocks, block{offset: off, at: int64(len(out)), times: times})
		out = e.EncodeAll(plain[off:end], out)
		off = end
	}
	p.index = int64(len(out))
	return p.appendIndex(out), nil
}

// blockFrom returns the end of the block that begins at off: so many whole frames
// as fit, but one.
func blockFrom(plain []byte, off int64) (end int64, times span, err error) {
	end, times = off, emptySpan()
	for end < int64(len(plain)) {
		frame, err := frameIn(plain[end:])
		if err != nil {
			return 0, span{}, err
		}
		if end > off && end+int64(len(frame))-off > blockSize {
			break
		}
		ms, err := checkFrame(frame)
		if err != nil {
			return 0, span{}, err
		}
		times.add(ms)
		end += int64(len(frame))
	}
	return end, times, nil
}
