package insights

import (
	"encoding/base64"
	"errors"
	"strings"

	"apex/internal/dataplane/logfile"
)

// A Pointer is what @ptr gives: it names one event for ever.
type Pointer struct {
	Group, Stream string
	Position      logfile.Position
}

// String writes a pointer, in letters that need no quoting.
func (p Pointer) String() string {
	return base64.RawURLEncoding.EncodeToString([]byte(p.Group + "\x00" + p.Stream + "\x00" + p.Position.String()))
}

// ParsePointer reads what String wrote.
func ParsePointer(s string) (Pointer, error) {
	text, err := base64.RawURLEncoding.DecodeString(s)
	parts := strings.Split(string(text), "\x00")
	if err != nil || len(parts) != 3 {
		return Pointer{}, errors.New("read pointer: not one of a query's results")
	}
	at, err := logfile.ParsePosition(parts[2])
	return Pointer{parts[0], parts[1], at}, err
}
