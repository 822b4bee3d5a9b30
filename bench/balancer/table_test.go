package main

import (
	"strings"
	"testing"
	"time"
)

const wrkSaid = `Running 1s test @ http://127.0.0.1:1/
    Latency     8.10ms    5.00ms  50.00ms   79.99%
    Req/Sec     3.00k     1.00k    9.00k    70.00%
  Latency Distribution
     50%    1.20ms
     99%   20.96ms
  12391 requests in 1.00s, 793.13MB read
`

func TestReadWrk(t *testing.T) {
	s, err := readWrk(wrkSaid, 0.5, 2*time.Second)
	if err != nil || s.rate != 6195.5 || s.p99 != 20960*time.Microsecond || s.cpu < 4.03 || s.cpu > 4.04 {
		t.Errorf("%+v %v", s, err)
	}
	for _, bad := range []string{"", wrkSaid + "  Non-2xx or 3xx responses: 1\n", wrkSaid + "  Socket errors: connect 0, read 1\n"} {
		if s, err := readWrk(bad, 1, time.Second); err == nil {
			t.Errorf("%q gave %+v", bad, s)
		}
	}
}

// The ratio is the median of the rounds' ratios to the second proxy.
func TestPrintRow(t *testing.T) {
	var out strings.Builder
	printRow(&out, row{name: "load"}, []result{
		{"ours", []sample{{cpu: 1, rate: 10}, {cpu: 2, rate: 20}, {cpu: 9, rate: 30, p99: time.Second}}},
		{"theirs", []sample{{cpu: 2}, {cpu: 8}, {cpu: 9}}},
	})
	want := "| load | ours | 2.00 | **0.50** (0.25–1.00) | 20 |  |\n| load | theirs | 8.00 | **1.00** (1.00–1.00) | 0 |  |\n"
	if out.String() != want {
		t.Errorf("got  %s\nwant %s", out.String(), want)
	}
}

// What the backend sends is JSON of the size that the row's name says.
func TestPeople(t *testing.T) {
	if text := people(4 << 10); len(text) != 4<<10 {
		t.Errorf("%d bytes", len(text))
	}
}
