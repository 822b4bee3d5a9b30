package database

import (
	"database/sql"
	"database/sql/driver"
	"fmt"
	"reflect"
	"strconv"
	"time"

	"apexai/crm/internal/id"
)

// A Row is what a scan function reads from.
type Row interface{ Scan(into ...any) error }

// values are a row as the driver gives it; its bytes are the driver's own,
// until the next row.
type values []driver.Value

// Scan copies a row's values to where they are wanted.
func (v values) Scan(into ...any) error {
	if len(into) != len(v) {
		return fmt.Errorf("scan: %d columns, wanted %d", len(v), len(into))
	}
	for i, to := range into {
		if err := assign(to, v[i]); err != nil {
			return fmt.Errorf("scan column %d: %w", i+1, err)
		}
	}
	return nil
}

// assign knows what rows are made of, and leaves the rest to reflection.
func assign(to any, v driver.Value) error {
	switch to := to.(type) {
	case *string:
		switch v := v.(type) {
		case []byte:
			*to = string(v)
			return nil
		case string:
			*to = v
			return nil
		}
	case *id.ID:
		return to.Scan(v)
	case **id.ID:
		if v == nil {
			*to = nil
			return nil
		}
		*to = new(id.ID)
		return (*to).Scan(v)
	case *time.Time:
		if v, ok := v.(time.Time); ok {
			*to = v
			return nil
		}
	case *int:
		if v, ok := v.(int64); ok {
			*to = int(v)
			return nil
		}
	case *bool:
		if v, ok := v.(int64); ok {
			*to = v != 0
			return nil
		}
	case sql.Scanner:
		return to.Scan(v)
	}
	return reflected(reflect.ValueOf(to), v)
}

// reflected assigns by kinds: to pointers that NULL makes nil, numbers of all
// sizes, named types.
func reflected(to reflect.Value, v driver.Value) error {
	if to.Kind() != reflect.Pointer || to.IsNil() {
		return fmt.Errorf("a %s is no place for a value", to.Type())
	}
	place := to.Elem()
	switch kind := place.Kind(); {
	case v == nil && (kind == reflect.Pointer || kind == reflect.Slice || kind == reflect.Interface):
		place.SetZero()
		return nil
	case kind == reflect.Pointer:
		place.Set(reflect.New(place.Type().Elem()))
		return assign(place.Interface(), v)
	case kind == reflect.Slice && place.Type().Elem().Kind() == reflect.Uint8:
		place.SetBytes([]byte(text(v)))
		return nil
	case kind == reflect.String && v != nil:
		place.SetString(text(v))
		return nil
	case v != nil && place.CanInt(), v != nil && place.CanUint(), v != nil && place.CanFloat(), v != nil && kind == reflect.Bool:
		return parse(place, text(v))
	}
	return fmt.Errorf("a %T cannot be a %s", v, place.Type())
}

// text is a value as MySQL wrote it; a sum of integers comes as text, too.
func text(v driver.Value) string {
	switch v := v.(type) {
	case []byte:
		return string(v)
	case string:
		return v
	case time.Time:
		return v.Format(time.RFC3339Nano)
	}
	return fmt.Sprint(v)
}

func parse(place reflect.Value, s string) error {
	bits := 64
	if place.Kind() != reflect.Bool {
		bits = place.Type().Bits()
	}
	switch {
	case place.CanInt():
		n, err := strconv.ParseInt(s, 10, bits)
		place.SetInt(n)
		return err
	case place.CanUint():
		n, err := strconv.ParseUint(s, 10, bits)
		place.SetUint(n)
		return err
	case place.CanFloat():
		f, err := strconv.ParseFloat(s, bits)
		place.SetFloat(f)
		return err
	}
	b, err := strconv.ParseBool(s)
	place.SetBool(b)
	return err
}
