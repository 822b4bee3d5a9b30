package awswire

import (
	"encoding/binary"
	"math"
	"reflect"
	"strconv"
	"time"
	"unicode/utf8"

	"apex/internal/api"
)

// A cborDecoder walks over CBOR that may be anything: it checks each length
// against what is left, and makes room only for what it has read.
type cborDecoder struct {
	data    []byte
	at      int
	unknown int
}

// A cborHead is the start of a data item.
type cborHead struct {
	major, info byte
	argument    uint64
}

// isBreak tells the end of an item of no stated length.
func (h cborHead) isBreak() bool { return h.major == cborSimple && h.info == cborIndefinite }

func (h cborHead) isNull() bool {
	return h.major == cborSimple && (h.info == cborNull || h.info == cborUndefined)
}

func malformedCBOR() error { return &InputError{Fault: "the body is not CBOR"} }

func decodeCBOR(body []byte, in any) (unknown int, err error) {
	if len(body) == 0 {
		return 0, nil // what a client sends for an input without members
	}
	d := cborDecoder{data: body}
	h, err := d.head()
	if err != nil {
		return 0, err
	}
	if h.major != cborMap {
		return 0, &InputError{Fault: "the body is not a CBOR map"}
	}
	if err := d.structure(h, reflect.ValueOf(in).Elem(), "", 0); err != nil {
		return d.unknown, err
	}
	if d.at != len(d.data) {
		return d.unknown, malformedCBOR()
	}
	return d.unknown, nil
}

// head reads the start of the next item.
func (d *cborDecoder) head() (cborHead, error) {
	if d.at >= len(d.data) {
		return cborHead{}, malformedCBOR()
	}
	h := cborHead{major: d.data[d.at] >> 5, info: d.data[d.at] & 31}
	d.at++
	switch {
	case h.info < 24:
		h.argument = uint64(h.info)
		return h, nil
	case h.info <= 27:
		size := 1 << (h.info - 24)
		if len(d.data)-d.at < size {
			return h, malformedCBOR()
		}
		var wide [8]byte
		copy(wide[8-size:], d.data[d.at:d.at+size])
		h.argument = binary.BigEndian.Uint64(wide[:])
		d.at += size
		return h, nil
	case h.info == cborIndefinite && (h.major >= cborBytes && h.major <= cborMap || h.major == cborSimple):
		return h, nil
	}
	return h, malformedCBOR()
}

// each calls fn for every element of an array or entry of a map; fn reads what
// begins with the head.
func (d *cborDecoder) each(h cborHead, fn func(cborHead) error) error {
	for n := uint64(0); h.info == cborIndefinite || n < h.argument; n++ {
		element, err := d.head()
		if err != nil {
			return err
		}
		if element.isBreak() {
			if h.info == cborIndefinite {
				return nil
			}
			return malformedCBOR()
		}
		if err := fn(element); err != nil {
			return err
		}
	}
	return nil
}

// bytes reads a string of bytes or of text.
func (d *cborDecoder) bytes(h cborHead) ([]byte, error) {
	if h.info != cborIndefinite {
		if h.argument > uint64(len(d.data)-d.at) {
			return nil, malformedCBOR()
		}
		start := d.at
		d.at += int(h.argument)
		return d.data[start:d.at], nil
	}
	var all []byte
	err := d.each(h, func(chunk cborHead) error {
		if chunk.major != h.major || chunk.info == cborIndefinite {
			return malformedCBOR()
		}
		part, err := d.bytes(chunk)
		all = append(all, part...)
		return err
	})
	return all, err
}

func (d *cborDecoder) text(h cborHead) (string, error) {
	if h.major != cborText {
		return "", malformedCBOR()
	}
	raw, err := d.bytes(h)
	if err == nil && !utf8.Valid(raw) {
		err = malformedCBOR()
	}
	return string(raw), err
}

// skip passes over the item that begins with h.
func (d *cborDecoder) skip(h cborHead, depth int) error {
	if depth > maxDepth {
		return &InputError{Fault: "nested too deep"}
	}
	inner := func(element cborHead) error { return d.skip(element, depth+1) }
	switch h.major {
	case cborBytes, cborText:
		_, err := d.bytes(h)
		return err
	case cborArray:
		return d.each(h, inner)
	case cborMap:
		return d.each(h, func(key cborHead) error {
			if err := inner(key); err != nil {
				return err
			}
			return d.next(inner)
		})
	case cborTag:
		return d.next(inner)
	case cborSimple:
		if h.isBreak() {
			return malformedCBOR()
		}
	}
	return nil
}

// next reads one more head and hands it on.
func (d *cborDecoder) next(fn func(cborHead) error) error {
	h, err := d.head()
	if err != nil {
		return err
	}
	return fn(h)
}

func (d *cborDecoder) structure(h cborHead, into reflect.Value, path string, depth int) error {
	p := planFor(into.Type(), api.RPCv2CBOR)
	return d.each(h, func(key cborHead) error {
		name, err := d.text(key)
		if err != nil {
			return err
		}
		return d.next(func(value cborHead) error {
			f := p.byName[name]
			if f == nil {
				d.unknown++
				return d.skip(value, depth+1)
			}
			return d.value(value, into.Field(f.index), join(path, name), depth+1)
		})
	})
}

func (d *cborDecoder) value(h cborHead, into reflect.Value, path string, depth int) error {
	if depth > maxDepth {
		return &InputError{path, "nested too deep"}
	}
	if h.isNull() { // null is absent
		into.SetZero()
		return nil
	}
	if into.Kind() == reflect.Pointer {
		into.Set(reflect.New(into.Type().Elem()))
		into = into.Elem()
	}
	want := cborContainer(into)
	switch {
	case want == 0:
		return d.scalar(h, into, path)
	case want != h.major:
		return &InputError{path, "a value that is not " + containerName(opening(into))}
	}
	switch into.Kind() {
	case reflect.Map:
		return d.mapping(h, into, path, depth)
	case reflect.Slice:
		return d.list(h, into, path, depth)
	}
	return d.structure(h, into, path, depth)
}

// cborContainer returns the major type of a value that holds others, or 0.
func cborContainer(v reflect.Value) byte {
	switch opening(v) {
	case '{':
		return cborMap
	case '[':
		return cborArray
	}
	return 0
}

func (d *cborDecoder) list(h cborHead, into reflect.Value, path string, depth int) error {
	list := reflect.MakeSlice(into.Type(), 0, 4)
	err := d.each(h, func(element cborHead) error {
		item := reflect.New(into.Type().Elem()).Elem()
		if err := d.value(element, item, join(path, strconv.Itoa(list.Len()+1)), depth+1); err != nil {
			return err
		}
		list = reflect.Append(list, item)
		return nil
	})
	into.Set(list)
	return err
}

func (d *cborDecoder) mapping(h cborHead, into reflect.Value, path string, depth int) error {
	m := reflect.MakeMap(into.Type())
	err := d.each(h, func(key cborHead) error {
		name, err := d.text(key)
		if err != nil {
			return err
		}
		value := reflect.New(into.Type().Elem()).Elem()
		if err := d.next(func(h cborHead) error { return d.value(h, value, join(path, name), depth+1) }); err != nil {
			return err
		}
		m.SetMapIndex(reflect.ValueOf(name), value)
		return nil
	})
	into.Set(m)
	return err
}

// scalar reads a value that holds no others.
func (d *cborDecoder) scalar(h cborHead, into reflect.Value, path string) error {
	wrong := &InputError{path, "a value that is not " + scalarName(into)}
	switch into.Kind() {
	case reflect.String:
		if h.major != cborText {
			return wrong
		}
		text, err := d.text(h)
		into.SetString(text)
		return err
	case reflect.Slice:
		if h.major != cborBytes {
			return wrong
		}
		raw, err := d.bytes(h)
		into.SetBytes(append([]byte{}, raw...))
		return err
	case reflect.Bool:
		into.SetBool(h.info == cborTrue)
		if h.major != cborSimple || h.info != cborTrue && h.info != cborFalse {
			return wrong
		}
		return nil
	case reflect.Int64:
		n, ok := h.integer()
		into.SetInt(n)
		if !ok {
			return wrong
		}
		return nil
	}
	return d.number(h, into, wrong)
}

// number reads a float, or the time that a tagged number of seconds stands for.
func (d *cborDecoder) number(h cborHead, into reflect.Value, wrong error) error {
	isTime := into.Kind() != reflect.Float64
	if h.major == cborTag && h.argument == cborEpoch && isTime {
		return d.next(func(seconds cborHead) error {
			if seconds.major == cborTag {
				return wrong
			}
			return d.number(seconds, into, wrong)
		})
	}
	f, ok := h.float()
	if !ok {
		return wrong
	}
	if !isTime {
		into.SetFloat(f)
		return nil
	}
	var t time.Time
	if t, ok = unixTime(f); !ok {
		return wrong
	}
	into.Set(reflect.ValueOf(t))
	return nil
}

// integer returns the whole number that an item is; some languages write it as
// a float.
func (h cborHead) integer() (int64, bool) {
	switch {
	case h.major == cborUint && h.argument <= math.MaxInt64:
		return int64(h.argument), true
	case h.major == cborNegative && h.argument <= math.MaxInt64:
		return -1 - int64(h.argument), true
	case h.major == cborSimple:
		f, ok := h.float()
		return int64(f), ok && f == math.Trunc(f) && math.Abs(f) <= 1<<53
	}
	return 0, false
}

// float returns the number that an item is.
func (h cborHead) float() (float64, bool) {
	switch {
	case h.major == cborUint:
		return float64(h.argument), true
	case h.major == cborNegative:
		return -1 - float64(h.argument), true
	case h.major != cborSimple:
		return 0, false
	}
	switch h.info {
	case cborFloat16:
		return halfFloat(uint16(h.argument)), true
	case cborFloat32:
		return float64(math.Float32frombits(uint32(h.argument))), true
	case cborFloat64:
		return math.Float64frombits(h.argument), true
	}
	return 0, false
}

// halfFloat reads an IEEE 754 binary16.
func halfFloat(bits uint16) float64 {
	exponent, fraction := int(bits>>10&31), float64(bits&1023)
	var f float64
	switch exponent {
	case 0:
		f = math.Ldexp(fraction, -24)
	case 31:
		f = math.Inf(1)
		if fraction != 0 {
			f = math.NaN()
		}
	default:
		f = math.Ldexp(1024+fraction, exponent-25)
	}
	if bits&0x8000 != 0 {
		return -f
	}
	return f
}
