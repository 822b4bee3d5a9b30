package awswire

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"reflect"
	"strconv"
	"strings"

	"apex/internal/api"
)

// An xmlDecoder reads the body of a restXML request. Names count without their
// namespaces; documents that declare entities or another encoding are refused.
type xmlDecoder struct {
	*xml.Decoder
	unknown int
}

// decodeXML reads a document, whatever its root is called, into a structure.
func decodeXML(body []byte, in any) (unknown int, err error) {
	if len(bytes.TrimSpace(body)) == 0 {
		return 0, nil // of an input without members that must be there
	}
	d := xmlDecoder{Decoder: xml.NewDecoder(bytes.NewReader(body))}
	root, err := d.root()
	if err != nil {
		return 0, err
	}
	if err := d.structure(root, reflect.ValueOf(in).Elem(), "", 0); err != nil {
		return d.unknown, err
	}
	return d.unknown, d.end()
}

// next returns the next token. A fault of the document is the caller's.
func (d *xmlDecoder) next() (xml.Token, error) {
	token, err := d.Token()
	if err != nil {
		return nil, &InputError{Fault: "the body is not well-formed XML"}
	}
	if _, ok := token.(xml.Directive); ok {
		return nil, &InputError{Fault: "the body has a document type declaration"}
	}
	return token, nil
}

// root finds the root element.
func (d *xmlDecoder) root() (xml.StartElement, error) {
	for {
		token, err := d.next()
		if err != nil {
			return xml.StartElement{}, err
		}
		if start, ok := token.(xml.StartElement); ok {
			return start, nil
		}
	}
}

// end wants nothing but space and comments behind the root element.
func (d *xmlDecoder) end() error {
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			return nil
		}
		text, isText := token.(xml.CharData)
		_, isComment := token.(xml.Comment)
		if err != nil || !isComment && (!isText || len(bytes.TrimSpace(text)) > 0) {
			return &InputError{Fault: "the body goes on after its document"}
		}
	}
}

// each calls visit for every element inside the one that has just begun.
func (d *xmlDecoder) each(visit func(xml.StartElement) error) error {
	for {
		token, err := d.next()
		if err != nil {
			return err
		}
		switch token := token.(type) {
		case xml.StartElement:
			if err := visit(token); err != nil {
				return err
			}
		case xml.EndElement:
			return nil
		}
	}
}

func (d *xmlDecoder) structure(_ xml.StartElement, into reflect.Value, path string, depth int) error {
	if depth > maxDepth {
		return &InputError{path, "nested too deeply"}
	}
	p := planFor(into.Type(), api.RestXML)
	return d.each(func(start xml.StartElement) error {
		f := p.byName[start.Name.Local]
		if f == nil {
			d.unknown++
			return d.skip()
		}
		return d.member(start, f, into.Field(f.index), join(path, f.member), depth)
	})
}

// skip passes over the element that has just begun.
func (d *xmlDecoder) skip() error {
	if err := d.Skip(); err != nil {
		return &InputError{Fault: "the body is not well-formed XML"}
	}
	return nil
}

func (d *xmlDecoder) member(start xml.StartElement, f *field, into reflect.Value, path string, depth int) error {
	switch {
	case into.Kind() == reflect.Map:
		if into.IsNil() {
			into.Set(reflect.MakeMap(into.Type()))
		}
		if f.flat {
			return d.entry(f, into, path, depth)
		}
		return d.each(func(xml.StartElement) error { return d.entry(f, into, path, depth) })
	case into.Kind() == reflect.Slice && into.Type().Elem().Kind() != reflect.Uint8 && f.flat:
		return d.item(start, f, into, path, depth)
	}
	return d.value(start, f, into, path, depth)
}

// value reads one value: a scalar, a structure, or a list with its wrapper.
func (d *xmlDecoder) value(start xml.StartElement, f *field, into reflect.Value, path string, depth int) error {
	if into.Kind() == reflect.Pointer {
		into.Set(reflect.New(into.Type().Elem()))
		into = into.Elem()
	}
	switch {
	case into.Kind() == reflect.Struct && into.Type() != timeType:
		return d.structure(start, into, path, depth+1)
	case into.Kind() == reflect.Slice && into.Type().Elem().Kind() != reflect.Uint8:
		into.Set(reflect.MakeSlice(into.Type(), 0, 0))
		return d.each(func(start xml.StartElement) error { return d.item(start, f, into, path, depth) })
	}
	return d.scalar(into, path)
}

// item reads one more item of a list.
func (d *xmlDecoder) item(start xml.StartElement, f *field, list reflect.Value, path string, depth int) error {
	item := reflect.New(list.Type().Elem()).Elem()
	path += "." + strconv.Itoa(list.Len()+1)
	if err := d.value(start, f, item, path, depth); err != nil {
		return err
	}
	list.Set(reflect.Append(list, item))
	return nil
}

// entry reads one entry of a map.
func (d *xmlDecoder) entry(f *field, m reflect.Value, path string, depth int) error {
	key := reflect.New(m.Type().Key()).Elem()
	value := reflect.New(m.Type().Elem()).Elem()
	err := d.each(func(start xml.StartElement) error {
		switch start.Name.Local {
		case f.key:
			return d.scalar(key, path)
		case f.value:
			return d.value(start, f, value, path, depth)
		}
		d.unknown++
		return d.skip()
	})
	if err == nil {
		m.SetMapIndex(key, value)
	}
	return err
}

// scalar reads the text of the element that has just begun.
func (d *xmlDecoder) scalar(into reflect.Value, path string) error {
	text, err := d.text(path)
	if err != nil {
		return err
	}
	if into.Kind() != reflect.String {
		text = strings.TrimSpace(text)
	}
	if !setScalar(into, text) {
		return &InputError{path, strconv.Quote(text) + " is not " + scalarName(into)}
	}
	return nil
}

func (d *xmlDecoder) text(path string) (string, error) {
	var text []byte
	for {
		token, err := d.next()
		if err != nil {
			return "", err
		}
		switch token := token.(type) {
		case xml.StartElement:
			return "", &InputError{path, "it has elements, want text"}
		case xml.CharData:
			text = append(text, token...)
		case xml.EndElement:
			return string(text), nil
		}
	}
}
