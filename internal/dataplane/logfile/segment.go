package logfile

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

const (
	magic       = "APEXLOG1"
	headerSize  = 32
	segmentSize = 8 << 20
	extension   = ".seg"
)

// A span is the range of event times in a segment, in milliseconds.
type span struct{ first, last int64 }

func emptySpan() span { return span{math.MaxInt64, math.MinInt64} }

func (s *span) add(ms int64) {
	s.first, s.last = min(s.first, ms), max(s.last, ms)
}

func (s span) overlaps(t span) bool { return s.first <= t.last && t.first <= s.last }

// encodeHeader returns a segment's header; before is the previous segment's span.
func encodeHeader(before span) []byte { return encodeHeaderAs(magic, before) }

func encodeHeaderAs(magic string, before span) []byte {
	h := make([]byte, 0, headerSize)
	h = append(h, magic...)
	h = binary.LittleEndian.AppendUint64(h, uint64(before.first))
	h = binary.LittleEndian.AppendUint64(h, uint64(before.last))
	h = binary.LittleEndian.AppendUint32(h, crc32.Checksum(h, castagnoli))
	return append(h, 0, 0, 0, 0)
}

func decodeHeader(h []byte) (before span, err error) {
	if len(h) < headerSize || string(h[:8]) != magic && string(h[:8]) != packedMagic ||
		binary.LittleEndian.Uint32(h[24:]) != crc32.Checksum(h[:24], castagnoli) {
		return span{}, fmt.Errorf("segment header: %w", errDamaged)
	}
	return span{
		int64(binary.LittleEndian.Uint64(h[8:])),
		int64(binary.LittleEndian.Uint64(h[16:])),
	}, nil
}

func packedPath(dir string, number uint64) string {
	return filepath.Join(dir, fmt.Sprintf("%010d%s", number, packedExtension))
}

// openSegment opens a segment in either form; the index is nil for a plain one.
// While both are there they hold the same.
func openSegment(dir string, number uint64) (*os.File, *packed, error) {
	file, err := os.Open(segmentPath(dir, number))
	if err == nil {
		return file, nil, nil
	}
	if !errors.Is(err, fs.ErrNotExist) {
		return nil, nil, err
	}
	if file, err = os.Open(packedPath(dir, number)); err != nil {
		return nil, nil, err
	}
	index, err := readPacked(file)
	if errors.Is(err, errDamaged) {
		return file, &packed{size: headerSize}, nil // nothing of it can be read; the next segment can
	}
	if err != nil {
		file.Close()
		return nil, nil, err
	}
	return file, index, nil
}

func segmentPath(dir string, number uint64) string {
	return filepath.Join(dir, fmt.Sprintf("%010d%s", number, extension))
}

// segments lists the numbers of a stream's segments, oldest first. A folder
// that is not there holds none.
func segments(dir string) ([]uint64, error) {
	entries, err := os.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("list segments: %w", err)
	}
	var numbers []uint64
	for _, e := range entries {
		name, ok := strings.CutSuffix(strings.TrimSuffix(e.Name(), "z"), extension)
		if n, err := strconv.ParseUint(name, 10, 64); ok && err == nil && n > 0 {
			numbers = append(numbers, n)
		}
	}
	slices.Sort(numbers)
	return slices.Compact(numbers), nil
}

// segmentSpan returns the span of a segment that is full, from its successor's
// header; known is false for the newest segment and where a header is damaged.
func segmentSpan(dir string, number uint64) (s span, known bool) {
	f, err := os.Open(segmentPath(dir, number+1))
	if errors.Is(err, fs.ErrNotExist) {
		f, err = os.Open(packedPath(dir, number+1))
	}
	if err != nil {
		return span{}, false
	}
	defer f.Close()
	h := make([]byte, headerSize)
	if _, err := f.ReadAt(h, 0); err != nil {
		return span{}, false
	}
	s, err = decodeHeader(h)
	return s, err == nil
}
