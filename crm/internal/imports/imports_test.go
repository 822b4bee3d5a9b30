package imports

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"
)

// tenThousand is a table with three bad rows in a hundred.
func tenThousand(n int) string {
	var b strings.Builder
	b.WriteString("First name,Last name,Email,Phone,Job title,Company,Tags\r\n")
	for i := range n {
		email := fmt.Sprintf("person%d@firm%d.example", i, i%700)
		switch i % 100 {
		case 13:
			email = fmt.Sprintf("nobody%d at nowhere.example", i)
		case 50:
			fmt.Fprintf(&b, "First %d,Last,%s,not a number,,,\r\n", i, email)
			continue
		case 77:
			fmt.Fprintf(&b, "First %d,\"Last \x01,%s\",,,,\r\n", i, email)
			continue
		}
		fmt.Fprintf(&b, "First %d,\"Last, %d\",%s,+49 30 %07d,Engineer,Firm %d,\"import; x%d\"\r\n", i, i, email, i, i%700, i%5)
	}
	return b.String()
}

// TestF1Import is the acceptance list's first point, without its HTTP.
func TestF1Import(t *testing.T) {
	b := begin(t)
	seed := b.upload(People, "Email,First name,Last name,Job title,Tags\nperson1@firm1.example,Old,Name,Director,vip\nperson2@firm2.example,First 2,\"Last, 2\",Engineer,\n")
	b.ran(seed.ID)
	before := b.state()

	rows := size()
	text := tenThousand(rows)
	i := b.upload("", text)
	if i.Mapping.Kind != People || strings.Join(i.Mapping.Columns, ",") != "firstName,lastName,email,phone,title,company,tags" || i.Total != rows {
		t.Fatalf("%d rows, %+v", i.Total, i.Mapping)
	}
	start := time.Now()
	i = b.checked(i.ID)
	tried := time.Since(start)
	want := Counts{Created: rows*97/100 - 2, Updated: 2, Failed: rows * 3 / 100}
	if i.Report == nil || i.Report.Counts != want || len(i.Report.Problems) != min(want.Failed, mostProblems) {
		t.Fatalf("check: %+v, want %+v", i.Report.Counts, want)
	}
	if b.state() != before {
		t.Fatal("the check changed something")
	}
	start = time.Now()
	i = b.ran(i.ID)
	took := time.Since(start)
	if i.Status != Done || i.Counts != want || i.Done != rows || i.Counts.sum() != rows {
		t.Fatalf("run: %s %d of %d: %+v, want %+v", i.Status, i.Done, i.Total, i.Counts, want)
	}
	bad := b.errorFile(i.ID)
	if n := strings.Count(bad, "\r\n") + strings.Count(bad, "\n") - strings.Count(bad, "\r\n") - 1; n != want.Failed {
		t.Errorf("the file of errors has %d rows, want %d: %.300s", n, want.Failed, bad)
	}
	mended := b.upload(People, strings.NewReplacer(" at ", "@", "not a number", "", "\x01", "").Replace(bad))
	if mended.Mapping.Columns[7] != "" {
		t.Errorf("the reasons would be imported: %v", mended.Mapping.Columns)
	}
	again := b.ran(mended.ID)
	if again.Counts.Failed != 0 || again.Counts.sum() != want.Failed {
		t.Errorf("the mended rows: %+v", again.Counts)
	}
	start = time.Now()
	b.takenBack(again.ID)
	back := b.takenBack(i.ID)
	undid := time.Since(start)
	if back.Status != Undone || back.Kept != 0 {
		told, _ := b.Told(b.ctx, b.tenant, i.ID)
		t.Errorf("undo: %s, %d undone, %d kept: %+v", back.Status, back.Undone, back.Kept, told.Kept[:min(3, len(told.Kept))])
	}
	if after := b.state(); after != before {
		t.Errorf("undone, it is not what it was: %d bytes, was %d\n%.600s\n---\n%.600s", len(after), len(before), after, before)
	}
	t.Logf("%d rows: check %s, run %s (%.0f rows/s), undo %s", rows, tried.Round(time.Millisecond), took.Round(time.Millisecond), float64(rows)/took.Seconds(), undid.Round(time.Millisecond))
}

// size is how many rows the test's table has: IMPORT_ROWS=10000 gives the figure
// of the acceptance list.
func size() int {
	if n, err := strconv.Atoi(os.Getenv("IMPORT_ROWS")); err == nil {
		return n
	}
	return 1000
}
