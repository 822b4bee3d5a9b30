package logfile

import (
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"os"
	"sort"
	"sync"

	"github.com/klauspost/compress/zstd"
)

const (
	packedMagic     = "APEXLOGZ"
	packedExtension = ".segz"
	footerMagic     = "ZEND"
	blockSize       = 256 << 10 // of frames before compression, or one longer frame
	blockEntry      = 32
	footerSize      = 32
	maxBlock        = overhead + MaxMessage + blockSize
)

// A block is a run of whole frames that was compressed by itself.
type block struct {
	offset int64 // of its first frame in the plain segment
	at     int64 // of its compressed bytes in the file
	times  span
}

// A packed is the index of a compressed segment.
type packed struct {
	blocks []block
	size   int64 // of the plain segment
	index  int64 // where the index begins, and so the last block ends
}

// readPacked reads the index of a compressed segment.
func readPacked(file *os.File) (*packed, error) {
	info, err := file.Stat()
	if err != nil {
		return nil, err
	}
	foot := make([]byte, footerSize)
	if info.Size() < headerSize+footerSize {
		return nil, fmt.Errorf("compressed segment of %d bytes: %w", info.Size(), errDamaged)
	}
	if _, err := file.ReadAt(foot, info.Size()-footerSize); err != nil {
		return nil, err
	}
	n := int64(binary.LittleEndian.Uint32(foot))
	p := &packed{size: int64(binary.LittleEndian.Uint64(foot[8:])), index: int64(binary.LittleEndian.Uint64(foot[16:]))}
	if string(foot[28:]) != footerMagic || crc32.Checksum(foot[:24], castagnoli) != binary.LittleEndian.Uint32(foot[24:]) ||
		p.index < headerSize || p.index+n*blockEntry+footerSize != info.Size() {
		return nil, fmt.Errorf("footer of a compressed segment: %w", errDamaged)
	}
	entries := make([]byte, n*blockEntry)
	if _, err := file.ReadAt(entries, p.index); err != nil {
		return nil, err
	}
	if crc32.Checksum(entries, castagnoli) != binary.LittleEndian.Uint32(foot[4:]) {
		return nil, fmt.Errorf("index of a compressed segment: %w", errDamaged)
	}
	return p, p.decode(entries)
}

// decode reads the index's entries and refuses what would lead astray.
func (p *packed) decode(entries []byte) error {
	offset, at := int64(headerSize), int64(headerSize)
	for ; len(entries) > 0; entries = entries[blockEntry:] {
		b := block{
			offset: int64(binary.LittleEndian.Uint64(entries)), at: int64(binary.LittleEndian.Uint64(entries[8:])),
			times: span{int64(binary.LittleEndian.Uint64(entries[16:])), int64(binary.LittleEndian.Uint64(entries[24:]))},
		}
		if b.offset < offset || b.at < at {
			return fmt.Errorf("order of blocks: %w", errDamaged)
		}
		offset, at = b.offset, b.at
		p.blocks = append(p.blocks, b)
	}
	if p.size < offset || p.index < at || len(p.blocks) > 0 && p.blocks[0].offset != headerSize {
		return fmt.Errorf("extent of blocks: %w", errDamaged)
	}
	return nil
}

// appendIndex appends the index and the footer.
func (p *packed) appendIndex(b []byte) []byte {
	start := len(b)
	for _, block := range p.blocks {
		for _, n := range []int64{block.offset, block.at, block.times.first, block.times.last} {
			b = binary.LittleEndian.AppendUint64(b, uint64(n))
		}
	}
	sum := crc32.Checksum(b[start:], castagnoli)
	foot := len(b)
	b = binary.LittleEndian.AppendUint32(b, uint32(len(p.blocks)))
	b = binary.LittleEndian.AppendUint32(b, sum)
	b = binary.LittleEndian.AppendUint64(b, uint64(p.size))
	b = binary.LittleEndian.AppendUint64(b, uint64(p.index))
	b = binary.LittleEndian.AppendUint32(b, crc32.Checksum(b[foot:], castagnoli))
	return append(b, footerMagic...)
}

// find returns the number of the block that holds the byte at off of the plain
// segment, or -1.
func (p *packed) find(off int64) int {
	if off >= p.size {
		return -1
	}
	return sort.Search(len(p.blocks), func(i int) bool { return p.blocks[i].offset > off }) - 1
}

// end returns where a block ends, in the plain segment and in the file.
func (p *packed) end(i int) (offset, at int64) {
	if i+1 < len(p.blocks) {
		return p.blocks[i+1].offset, p.blocks[i+1].at
	}
	return p.size, p.index
}

// span returns the times of the whole segment.
func (p *packed) span() span {
	all := emptySpan()
	for _, b := range p.blocks {
		all.first, all.last = min(all.first, b.times.first), max(all.last, b.times.last)
	}
	return all
}

// decoder decompresses blocks; it may be used by several goroutines.
var decoder = sync.OnceValues(func() (*zstd.Decoder, error) {
	return zstd.NewReader(nil, zstd.WithDecoderMaxMemory(2*maxBlock))
})

// read decompresses a block into scratch, or into new memory where that is small.
func (p *packed) read(file *os.File, i int, scratch []byte) ([]byte, error) {
	end, atEnd := p.end(i)
	size, stored := end-p.blocks[i].offset, atEnd-p.blocks[i].at
	if size > maxBlock || stored > 2*maxBlock {
		return nil, fmt.Errorf("block of %d bytes: %w", size, errDamaged)
	}
	compressed := make([]byte, stored)
	if _, err := file.ReadAt(compressed, p.blocks[i].at); err != nil {
		return nil, fmt.Errorf("read block: %w", err)
	}
	d, err := decoder()
	if err != nil {
		return nil, err
	}
	plain, err := d.DecodeAll(compressed, scratch[:0])
	if err != nil || int64(len(plain)) != size {
		return nil, fmt.Errorf("block at %d, of %d bytes where %d are due, %v: %w", p.blocks[i].at, len(plain), size, err, errDamaged)
	}
	return plain, nil
}
