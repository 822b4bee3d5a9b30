package llm

import (
	"bufio"
	"bytes"
	"errors"
	"io"
)

const (
	maxLine   = 256 << 10 // of a stream
	maxAnswer = 1 << 20   // in all
)

var errTooLong = errors.New("the answer is longer than anything that was asked for")

// events reads a stream of server-sent events and gives each one's data to
// fn. Comments and fields other than data are passed over, data of several
// lines is joined, and an event that the stream's end cuts off is left out.
func events(r io.Reader, fn func(data []byte) error) error {
	in := bufio.NewScanner(io.LimitReader(r, maxAnswer+1))
	in.Buffer(make([]byte, 0, 4096), maxLine)
	in.Split(lines)
	var data []byte
	some, total := false, 0
	for in.Scan() {
		line := in.Bytes()
		if total += len(line) + 1; total > maxAnswer {
			return errTooLong
		}
		if len(line) == 0 {
			if some {
				if err := fn(data); err != nil {
					return err
				}
			}
			data, some = data[:0], false
			continue
		}
		name, value, _ := bytes.Cut(line, []byte(":"))
		if string(name) != "data" {
			continue
		}
		if some {
			data = append(data, '\n')
		}
		data, some = append(data, bytes.TrimPrefix(value, []byte(" "))...), true
	}
	if errors.Is(in.Err(), bufio.ErrTooLong) {
		return errTooLong
	}
	return in.Err()
}

// lines cuts at \n, \r\n and \r, each of which ends a line of a stream.
func lines(data []byte, atEnd bool) (advance int, token []byte, err error) {
	i := bytes.IndexAny(data, "\r\n")
	switch {
	case i < 0 && atEnd && len(data) > 0:
		return len(data), data, nil
	case i < 0:
		return 0, nil, nil
	case data[i] == '\n':
		return i + 1, data[:i], nil
	case i+1 < len(data) && data[i+1] == '\n':
		return i + 2, data[:i], nil
	case i+1 < len(data) || atEnd:
		return i + 1, data[:i], nil
	}
	return 0, nil, nil // a \n may follow
}
