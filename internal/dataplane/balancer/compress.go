package balancer

import (
	"bytes"
	"strings"
	"sync"

	"github.com/klauspost/compress/gzip"

	"apex/internal/dataplane/balancer/http1"
)

// An Application Load Balancer compresses nothing. With Options.Compression ours
// does, where other front ends agree that it is right: text of some size, for a
// client that takes gzip, unless the response forbids it or is compressed already.

// worthwhile is the size from which a body is compressed, CloudFront's; one of
// unknown size always is.
const worthwhile = 1000

// acceptsGzip reads the request's Accept-Encoding.
func acceptsGzip(fields []http1.Field) bool {
	for i := range fields {
		if !http1.EqualFold(fields[i].Name, "accept-encoding") {
			continue
		}
		for coding := range bytes.SplitSeq(fields[i].Value, []byte(",")) {
			name, quality, _ := bytes.Cut(coding, []byte(";"))
			if http1.EqualFold(bytes.TrimSpace(name), "gzip") {
				return !refuses(quality)
			}
		}
	}
	return false
}

// refuses reports whether a quality is zero: "q=0", "q=0.000".
func refuses(quality []byte) bool {
	q, ok := bytes.CutPrefix(bytes.ToLower(bytes.TrimSpace(quality)), []byte("q="))
	return ok && len(bytes.Trim(q, "0.")) == 0
}

// compression reports whether responses like this one are compressed, and whether
// this one is.
func (x *exchange) compression() (may, does bool) {
	r := &x.resp
	if !x.table.options.Compression || x.method == "HEAD" || r.Framing == http1.NoBody ||
		r.Framing == http1.Length && r.Length < worthwhile {
		return false, false
	}
	switch r.Status {
	case 200, 403, 404:
	default:
		return false, false
	}
	text := false
	for i := range r.Fields {
		f := &r.Fields[i]
		switch {
		case http1.EqualFold(f.Name, "content-encoding"),
			http1.EqualFold(f.Name, "cache-control") && bytes.Contains(bytes.ToLower(f.Value), []byte("no-transform")):
			return false, false
		case http1.EqualFold(f.Name, "content-type"):
			text = compressible(f.Value)
		}
	}
	return text, text && x.acceptsGzip
}

// compressible reports whether a media type is text. Events are, but must not
// wait for a compressor.
func compressible(contentType []byte) bool {
	media, _, _ := strings.Cut(strings.ToLower(string(contentType)), ";")
	switch media = strings.TrimSpace(media); media {
	case "text/event-stream":
		return false
	case "application/json", "application/javascript", "application/x-javascript", "application/xml", "image/svg+xml":
		return true
	}
	return strings.HasPrefix(media, "text/") || strings.HasSuffix(media, "+json") || strings.HasSuffix(media, "+xml")
}

// compressed returns where the response's body goes: the client, by way of a
// compressor if the response is to be compressed. It changes the head to match.
func (x *exchange) compressed() sink {
	may, does := x.compression()
	if may {
		x.addField("Vary", "Accept-Encoding", http1.Other)
	}
	if !does {
		return x.front
	}
	if x.resp.Framing == http1.Length {
		x.resp.Framing = http1.Chunked // the front leaves Content-Length out then
	}
	x.dropField("accept-ranges")
	x.addField("Content-Encoding", "gzip", http1.Other)
	for i := range x.resp.Fields {
		f := &x.resp.Fields[i]
		if http1.EqualFold(f.Name, "etag") && !bytes.HasPrefix(f.Value, []byte("W/")) {
			f.Value = append([]byte("W/"), f.Value...)
		}
	}
	return newCompressor(x.front)
}

// A compressor is a sink that passes on what it is given in gzip's format.
type compressor struct {
	sink   // where it goes
	gz     *gzip.Writer
	packed bytes.Buffer // compressed, not passed on yet
	dirty  bool         // the writer holds something back
}

var compressors = sync.Pool{New: func() any {
	gz, _ := gzip.NewWriterLevel(nil, gzip.BestSpeed) // the level is one that there is
	return &compressor{gz: gz}
}}

func newCompressor(to sink) *compressor {
	c := compressors.Get().(*compressor)
	c.sink, c.dirty = to, false
	c.packed.Reset()
	c.gz.Reset(&c.packed)
	return c
}

func (c *compressor) pending() bool { return c.dirty || c.sink.pending() }

func (c *compressor) data(piece []byte) error {
	c.dirty = true
	c.gz.Write(piece) // into memory, which does not fail
	if c.packed.Len() < flushAt {
		return nil
	}
	return c.pass()
}

// pass gives on what is compressed.
func (c *compressor) pass() error {
	if c.packed.Len() == 0 {
		return nil
	}
	err := c.sink.data(c.packed.Bytes())
	c.packed.Reset()
	return err
}

func (c *compressor) flush() error {
	if c.dirty {
		c.gz.Flush()
		c.dirty = false
	}
	if err := c.pass(); err != nil {
		return err
	}
	return c.sink.flush()
}

func (c *compressor) end(trailers []http1.Field) error {
	c.gz.Close()
	if err := c.pass(); err != nil {
		return err
	}
	return c.sink.end(trailers)
}

// letGo gives a compressor back when its response has ended.
func letGo(s sink) {
	if c, ok := s.(*compressor); ok {
		c.sink = nil
		compressors.Put(c)
	}
}
