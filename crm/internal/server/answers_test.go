package server

import (
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"testing"
	"time"

	"apexai/crm/internal/id"
	"apexai/crm/internal/page"
	"apexai/crm/internal/web"
)

// Each answer that the API can give is the JSON that its description, which
// is of encoding/json, says.
func TestAnswersAreEncodedAsDescribed(t *testing.T) {
	_, groups := new(Server).subjects(nil, page.Signer{})
	kinds := 0
	for _, route := range slices.Concat(groups...) {
		out := route.Operation.Out
		if out == nil || out.Kind() == reflect.Interface {
			continue
		}
		kinds++
		for elements := range 3 {
			v := reflect.New(out).Elem()
			populate(v, elements, 0)
			want, fault := json.Marshal(v.Interface())
			got, err := web.AppendJSON(nil, v.Interface())
			if fault != nil || err != nil || string(got) != string(want) {
				t.Errorf("%s:\ngot  %.500s, %v\nwant %.500s, %v", route.Pattern, got, err, want, fault)
			}
		}
	}
	if kinds < 50 {
		t.Errorf("only %d kinds of answers were seen", kinds)
	}
}

// populate puts something into each field, and so many elements into each list;
// with none, pointers are nil.
func populate(v reflect.Value, elements, depth int) {
	if depth > 8 {
		return
	}
	switch place := v.Addr().Interface().(type) {
	case *time.Time:
		*place = time.Date(2026, 11, 26, 4, 5, 6, 789e6, time.UTC)
		return
	case *id.ID:
		*place = id.New()
		return
	case *json.RawMessage:
		*place = json.RawMessage(`{"a": "<é>"}`)
		return
	}
	switch v.Kind() {
	case reflect.String:
		v.SetString(fmt.Sprintf("é <%d>\n", depth))
	case reflect.Bool:
		v.SetBool(elements > 0)
	case reflect.Pointer:
		if elements > 0 {
			v.Set(reflect.New(v.Type().Elem()))
			populate(v.Elem(), elements, depth+1)
		}
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), elements, elements))
		for i := range elements {
			populate(v.Index(i), elements, depth+1)
		}
	case reflect.Map:
		v.Set(reflect.MakeMap(v.Type()))
		for i := range elements {
			key, value := reflect.New(v.Type().Key()).Elem(), reflect.New(v.Type().Elem()).Elem()
			populate(key, elements, depth+i)
			populate(value, elements, depth+1)
			v.SetMapIndex(key, value)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			if f := v.Field(i); f.CanSet() {
				populate(f, elements, depth+1)
			}
		}
	default:
		if v.CanInt() {
			v.SetInt(int64(elements))
		}
	}
}
