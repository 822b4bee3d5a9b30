package http1

import "strconv"

// AppendField appends "name: value" and CR LF.
func AppendField(b []byte, name, value []byte) []byte {
	b = append(b, name...)
	b = append(b, ':', ' ')
	b = append(b, value...)
	return append(b, '\r', '\n')
}

// AppendChunk appends data as one chunk.
func AppendChunk(b, data []byte) []byte {
	b = strconv.AppendInt(b, int64(len(data)), 16)
	b = append(b, '\r', '\n')
	b = append(b, data...)
	return append(b, '\r', '\n')
}

// AppendEnd appends the last chunk and the trailers.
func AppendEnd(b []byte, trailers []Field) []byte {
	b = append(b, "0\r\n"...)
	for i := range trailers {
		b = AppendField(b, trailers[i].Name, trailers[i].Value)
	}
	return append(b, '\r', '\n')
}

// AppendStatusLine appends the status line of an HTTP/1.1 response.
func AppendStatusLine(b []byte, status int, reason []byte) []byte {
	b = append(b, "HTTP/1.1 "...)
	b = strconv.AppendInt(b, int64(status), 10)
	b = append(b, ' ')
	b = append(b, reason...)
	return append(b, '\r', '\n')
}
