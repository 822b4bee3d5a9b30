package awswire_test

import (
	"bytes"
	"encoding/hex"
	"errors"
	"math"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"apex/internal/api"
	"apex/internal/api/cloudwatchapi"
	"apex/internal/awswire"
)

func unhex(t *testing.T, text string) []byte {
	t.Helper()
	raw, err := hex.DecodeString(strings.ReplaceAll(text, " ", ""))
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

// The examples are of RFC 8949, appendix A, each as the value of one member.
func TestDecodeCBOR(t *testing.T) {
	day := time.Date(2013, 3, 21, 20, 4, 0, 500e6, time.UTC)
	const name, count, weight, at, full, photo, words = "64 4e616d65", "65 436f756e74", "66 576569676874", "62 4174", "64 46756c6c", "65 50686f746f", "65 576f726473"
	for title, tt := range map[string]struct {
		body    string
		want    basket
		unknown int
	}{
		"nothing":               {"", basket{}, 0},
		"empty map":             {"a0", basket{}, 0},
		"text":                  {"a1" + name + "64 49455446", basket{Name: api.Ptr("IETF")}, 0},
		"text in chunks":        {"a1" + name + "7f 65 7374726561 64 6d696e67 ff", basket{Name: api.Ptr("streaming")}, 0},
		"integer":               {"a1" + count + "1b 000000e8d4a51000", basket{Count: api.Ptr[int64](1000000000000)}, 0},
		"negative":              {"a1" + count + "39 03e7", basket{Count: api.Ptr[int64](-1000)}, 0},
		"least integer":         {"a1" + count + "3b 7fffffffffffffff", basket{Count: api.Ptr[int64](math.MinInt64)}, 0},
		"integer as float":      {"a1" + count + "f9 4500", basket{Count: api.Ptr[int64](5)}, 0},
		"half":                  {"a1" + weight + "f9 3e00", basket{Weight: api.Ptr(1.5)}, 0},
		"half, subnormal":       {"a1" + weight + "f9 0001", basket{Weight: api.Ptr(5.960464477539063e-8)}, 0},
		"half, negative":        {"a1" + weight + "f9 c400", basket{Weight: api.Ptr(-4.0)}, 0},
		"single":                {"a1" + weight + "fa 47c35000", basket{Weight: api.Ptr(100000.0)}, 0},
		"double":                {"a1" + weight + "fb 3ff199999999999a", basket{Weight: api.Ptr(1.1)}, 0},
		"infinity":              {"a1" + weight + "f9 fc00", basket{Weight: api.Ptr(math.Inf(-1))}, 0},
		"float as integer":      {"a1" + weight + "18 64", basket{Weight: api.Ptr(100.0)}, 0},
		"time":                  {"a1" + at + "c1 fb 41d452d9ec200000", basket{At: &day}, 0},
		"time, whole seconds":   {"a1" + at + "c1 1a 514b67b0", basket{At: api.Ptr(day.Truncate(time.Second))}, 0},
		"booleans":              {"a1" + full + "f5", basket{Full: api.Ptr(true)}, 0},
		"bytes":                 {"a1" + photo + "44 01020304", basket{Photo: []byte{1, 2, 3, 4}}, 0},
		"null is absent":        {"a2" + name + "f6" + count + "f7", basket{}, 0},
		"list":                  {"a1" + words + "82 61 61 61 62", basket{Words: []string{"a", "b"}}, 0},
		"list without length":   {"bf" + words + "9f 61 61 61 62 ff ff", basket{Words: []string{"a", "b"}}, 0},
		"empty list":            {"a1" + words + "80", basket{Words: []string{}}, 0},
		"unknown are skipped":   {"a3 6178 82 c1 01 a1 01 f5 6179 5f 41 01 ff" + name + "61 61", basket{Name: api.Ptr("a")}, 2},
		"map and structures":    {"a2 64 54616773 a1 61 61 61 62 66 496e6e6572 73 81 a0", basket{Tags: map[string]string{"a": "b"}, Inners: []basket{{}}}, 0},
		"structure in structur": {"a1 65 496e6e6572 a1" + count + "01", basket{Inner: &basket{Count: api.Ptr[int64](1)}}, 0},
	} {
		t.Run(title, func(t *testing.T) {
			got, unknown, err := decode(api.RPCv2CBOR, string(unhex(t, tt.body)))
			if err != nil || unknown != tt.unknown {
				t.Errorf("%d unknown, %v; want %d", unknown, err, tt.unknown)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("input (-want +got):\n%s", diff)
			}
		})
	}
}

func TestDecodeCBORRefuses(t *testing.T) {
	for title, tt := range map[string]struct{ body, member string }{
		"no map":               {"80", ""},
		"ends early":           {"a1 64 4e616d65", ""},
		"more after":           {"a0 a0", ""},
		"text longer than all": {"a1 64 4e616d65 7b 7fffffffffffffff 61", ""},
		"list longer than all": {"a1 65 576f726473 9b 7fffffffffffffff 61 61", ""},
		"not UTF-8":            {"a1 64 4e616d65 61 ff", ""},
		"key is no text":       {"a1 01 01", ""},
		"reserved length":      {"a1 64 4e616d65 7c", ""},
		"break in a list":      {"a1 65 576f726473 82 61 61 ff", ""},
		"chunk in a chunk":     {"a1 64 4e616d65 7f 7f 61 61 ff ff", ""},
		"unknown ends early":   {"a1 61 78 81", ""},
		"number for text":      {"a1 64 4e616d65 01", "Name"},
		"text for integer":     {"a1 65 436f756e74 61 31", "Count"},
		"fraction for integer": {"a1 65 436f756e74 f9 3e00", "Count"},
		"too large an integer": {"a1 65 436f756e74 1b ffffffffffffffff", "Count"},
		"number for boolean":   {"a1 64 46756c6c 01", "Full"},
		"text for time":        {"a1 62 4174 c0 61 31", "At"},
		"tags upon tags":       {"a1 62 4174 c1 c1 01", "At"},
		"no year of any clock": {"a1 62 4174 c1 fb 7fefffffffffffff", "At"},
		"map for list":         {"a1 65 576f726473 a0", "Words"},
		"in a list":            {"a1 65 576f726473 81 01", "Words.1"},
		"nested too deep":      {strings.Repeat("a1 65 496e6e6572", 100) + "a0", strings.Repeat("Inner.", 48) + "Inner"},
		"unknown too deep":     {"a1 61 78" + strings.Repeat("81", 100) + "01", ""},
	} {
		t.Run(title, func(t *testing.T) {
			_, _, err := decode(api.RPCv2CBOR, string(unhex(t, tt.body)))
			fault, ok := errors.AsType[*awswire.InputError](err)
			if !ok || fault.Member != tt.member {
				t.Errorf("got %v, want a fault of %q", err, tt.member)
			}
		})
	}
}

// TestResponseSnapshots reads the answers that the SDK keeps as snapshots, writes
// them in our form, and reads that again.
func TestResponseSnapshots(t *testing.T) {
	dir := moduleDir(t, "github.com/aws/aws-sdk-go-v2/service/cloudwatch")
	for _, op := range cloudwatchapi.Operations() {
		snapshot, err := os.ReadFile(filepath.Join(dir, "response_snapshot", op.Name+".response.snap"))
		if err != nil {
			t.Errorf("%s: %v", op.Name, err)
			continue
		}
		_, body, _ := bytes.Cut(snapshot, []byte("\n\n"))
		theirs, again := newStruct(op.Output), newStruct(op.Output)
		protocol := awswire.Of(api.RPCv2CBOR)
		if _, err := protocol.Decode(&awswire.Request{Body: body}, &op, theirs); err != nil {
			t.Errorf("%s: %v", op.Name, err)
			continue
		}
		w := httptest.NewRecorder()
		if err := protocol.Encode(w, &op, "id", theirs); err != nil {
			t.Fatal(err)
		}
		if _, err := protocol.Decode(&awswire.Request{Body: w.Body.Bytes()}, &op, again); err != nil {
			t.Errorf("%s: %v", op.Name, err)
		}
		if diff := cmp.Diff(theirs, again); diff != "" {
			t.Errorf("%s (-theirs +ours):\n%s", op.Name, diff)
		}
	}
}

func TestRPCTarget(t *testing.T) {
	for path, want := range map[string]string{
		"/service/Granite/operation/ListMetrics":       "Granite ListMetrics",
		"/stage/service/Granite/operation/ListMetrics": "Granite ListMetrics",
		"/service/Granite/operation/":                  "",
		"/service//operation/ListMetrics":              "",
		"/service/Granite/operation/List/Metrics":      "",
		"/": "",
	} {
		r := awswire.Request{Path: path, Header: map[string][]string{"Smithy-Protocol": {"rpc-v2-cbor"}}}
		target, err := r.Target()
		if got := strings.TrimSpace(target.Prefix + " " + target.Operation); got != want || (err == nil) != (want != "") {
			t.Errorf("%s: %q, %v; want %q", path, got, err, want)
		}
	}
}

// FuzzCBOR holds that what is read is written and read again as the same.
func FuzzCBOR(f *testing.F) {
	for _, seed := range []string{
		"a1694e616d65737061636561 61", "bf6a4d657472696344617461 9f bf ff ff ff",
		"a26a4d657472696344617461 81a26954696d657374616d70c1fb41d452d9ec200000 6556616c7565f93e00 694e616d6573706163656161",
	} {
		raw, _ := hex.DecodeString(strings.ReplaceAll(seed, " ", ""))
		f.Add(raw)
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		op := cloudwatchapi.PutMetricData.Info()
		protocol := awswire.Of(api.RPCv2CBOR)
		in := newStruct(op.Input)
		if _, err := protocol.Decode(&awswire.Request{Body: body}, &op, in); err != nil {
			return
		}
		w := httptest.NewRecorder()
		if err := protocol.Encode(w, &op, "id", in); err != nil {
			t.Fatal(err)
		}
		again := newStruct(op.Input)
		if _, err := protocol.Decode(&awswire.Request{Body: w.Body.Bytes()}, &op, again); err != nil {
			t.Fatal(err)
		}
		sameNaN := cmp.Comparer(func(a, b float64) bool { return a == b || math.IsNaN(a) && math.IsNaN(b) })
		if diff := cmp.Diff(in, again, sameNaN); diff != "" {
			t.Errorf("read again (-first +second):\n%s", diff)
		}
	})
}
