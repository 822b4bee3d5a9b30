package clients

import (
	"fmt"
	"io"
	"reflect"
	"strconv"
	"strings"
	"time"
)

// set gives a part of an SDK's input the value that a script wrote.
func set(v reflect.Value, value any) error {
	switch v.Kind() {
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		return set(v.Elem(), value)
	case reflect.Struct:
		return setStruct(v, value)
	case reflect.Slice:
		return setSlice(v, value)
	case reflect.Map:
		return setMap(v, value)
	case reflect.String:
		v.SetString(fmt.Sprint(value))
		return nil
	case reflect.Bool:
		b, err := strconv.ParseBool(fmt.Sprint(value))
		v.SetBool(b)
		return err
	case reflect.Int32, reflect.Int64:
		n, err := strconv.ParseInt(fmt.Sprint(value), 10, 64)
		v.SetInt(n)
		return err
	case reflect.Float32, reflect.Float64:
		n, err := strconv.ParseFloat(fmt.Sprint(value), 64)
		v.SetFloat(n)
		return err
	case reflect.Interface:
		if v.Type() == reflect.TypeFor[io.Reader]() {
			v.Set(reflect.ValueOf(strings.NewReader(fmt.Sprint(value))))
			return nil
		}
	}
	return fmt.Errorf("a %s cannot be written in a script", v.Type())
}

func setStruct(v reflect.Value, value any) error {
	if v.Type() == reflect.TypeFor[time.Time]() {
		at, err := time.Parse(time.RFC3339, fmt.Sprint(value))
		v.Set(reflect.ValueOf(at))
		return err
	}
	members, ok := value.(map[string]any)
	if !ok {
		return fmt.Errorf("%v is no %s", value, v.Type())
	}
	for name, value := range members {
		field := v.FieldByName(name)
		if !field.IsValid() {
			return fmt.Errorf("%s has no member %s", v.Type(), name)
		}
		if err := set(field, value); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	return nil
}

func setSlice(v reflect.Value, value any) error {
	if v.Type().Elem().Kind() == reflect.Uint8 {
		v.SetBytes([]byte(fmt.Sprint(value)))
		return nil
	}
	items, ok := value.([]any)
	if !ok {
		return fmt.Errorf("%v is no list", value)
	}
	v.Set(reflect.MakeSlice(v.Type(), len(items), len(items)))
	for i, item := range items {
		if err := set(v.Index(i), item); err != nil {
			return fmt.Errorf("%d: %w", i, err)
		}
	}
	return nil
}

func setMap(v reflect.Value, value any) error {
	members, ok := value.(map[string]any)
	if !ok {
		return fmt.Errorf("%v is no map", value)
	}
	v.Set(reflect.MakeMap(v.Type()))
	for name, value := range members {
		item := reflect.New(v.Type().Elem()).Elem()
		if err := set(item, value); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		v.SetMapIndex(reflect.ValueOf(name).Convert(v.Type().Key()), item)
	}
	return nil
}

// at returns the part of an answer that a path such as "Vpcs.0.VpcId" names.
func at(v reflect.Value, path string) (string, error) {
	for part := range strings.SplitSeq(path, ".") {
		for v.Kind() == reflect.Pointer || v.Kind() == reflect.Interface {
			v = v.Elem()
		}
		switch v.Kind() {
		case reflect.Struct:
			v = v.FieldByName(part)
		case reflect.Map:
			v = v.MapIndex(reflect.ValueOf(part).Convert(v.Type().Key()))
		case reflect.Slice:
			i, err := strconv.Atoi(part)
			if err != nil || i >= v.Len() {
				return "", fmt.Errorf("%s: no item %s of %d", path, part, v.Len())
			}
			v = v.Index(i)
		}
		if !v.IsValid() {
			return "", fmt.Errorf("%s: no %s", path, part)
		}
	}
	for v.Kind() == reflect.Pointer {
		if v = v.Elem(); !v.IsValid() {
			return "", fmt.Errorf("%s is not set", path)
		}
	}
	return fmt.Sprint(v.Interface()), nil
}
