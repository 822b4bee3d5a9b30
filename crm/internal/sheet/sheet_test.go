package sheet

import (
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"
	"unicode/utf16"

	"github.com/google/go-cmp/cmp"
)

func all(t testing.TB, text string, delimiter byte) []Row {
	t.Helper()
	r := NewReader(strings.NewReader(text), delimiter)
	var rows []Row
	for {
		row, err := r.Read()
		if errors.Is(err, io.EOF) {
			return rows
		}
		if err != nil {
			t.Fatal(err)
		}
		rows = append(rows, row)
	}
}

func TestRows(t *testing.T) {
	for name, tt := range map[string]struct {
		text string
		want []Row
	}{
		"plain":           {"a,b\nc,d\n", []Row{{1, []string{"a", "b"}, ""}, {2, []string{"c", "d"}, ""}}},
		"no end":          {"a,b", []Row{{1, []string{"a", "b"}, ""}}},
		"windows ends":    {"a,b\r\n\r\nc,d\r\n", []Row{{1, []string{"a", "b"}, ""}, {3, []string{"c", "d"}, ""}}},
		"old Mac ends":    {"a\rb\r", []Row{{1, []string{"a"}, ""}, {2, []string{"b"}, ""}}},
		"quotes":          {"\"a,\"\"b\"\"\",c\n\"\",d\n", []Row{{1, []string{`a,"b"`, "c"}, ""}, {2, []string{"", "d"}, ""}}},
		"lines in quotes": {"\"a\nb\",c\nd,e\n", []Row{{1, []string{"a\nb", "c"}, ""}, {3, []string{"d", "e"}, ""}}},
		"quote inside":    {"6\" pipe,x\n", []Row{{1, []string{`6" pipe`, "x"}, ""}}},
		"blank rows":      {"a,b\n,,\n  \nc,d\n", []Row{{1, []string{"a", "b"}, ""}, {4, []string{"c", "d"}, ""}}},
		"never closed": {"a,\"b\nc,d\ne,f\n", []Row{
			{1, []string{"a", `"b`}, "a quote is opened in this row and never closed"},
			{2, []string{"c", "d"}, ""},
			{3, []string{"e", "f"}, ""},
		}},
		"NUL":  {"a,b\x00c\nd,e\n", []Row{{1, []string{"a", "b\x00c"}, "column 2 has a NUL byte in it"}, {2, []string{"d", "e"}, ""}}},
		"none": {"", nil},
	} {
		if d := cmp.Diff(tt.want, all(t, tt.text, ',')); d != "" {
			t.Errorf("%s: %s", name, d)
		}
	}
}

func TestLimits(t *testing.T) {
	rows := all(t, strings.Repeat("x,", 10_000)+"\n"+strings.Repeat("y", maxCell+5)+",b\nok,b\n", ',')
	if len(rows) != 3 || rows[0].Fault == "" || len(rows[0].Cells) != MaxColumns || rows[1].Fault == "" || rows[2].Fault != "" {
		t.Errorf("%d rows: %q, %q", len(rows), rows[0].Fault, rows[1].Fault)
	}
	open := all(t, strings.Repeat("\"never closed, x\n", 5001), ',')
	for _, row := range open {
		if len(row.Cells) > MaxColumns {
			t.Errorf("line %d has %d cells", row.Line, len(row.Cells))
		}
	}
}

// What is too long costs its own row, and its lines are not taken for rows.
func TestLongCells(t *testing.T) {
	const after = "Bob,bob@x.example\n"
	for name, tt := range map[string]struct {
		text, fault string
		rows        int
	}{
		"10 MB":                  {"Ada," + strings.Repeat("x", 10<<20) + "\n", "bytes in a line", 2},
		"10 MB in quotes":        {"Ada,\"" + strings.Repeat("x", 10<<20) + "\"\n", "bytes in a line", 2},
		"lines in quotes":        {"Ada,\"" + strings.Repeat(strings.Repeat("y", 1000)+"\n", 500) + "\"\n", "column 2 is longer", 2},
		"a long line in quotes":  {"Ada,\"a\n" + strings.Repeat("x", 2<<20) + "\"\n", "never closed", 3},
		"many cells, one line":   {strings.Repeat(strings.Repeat("z", 60_000)+",", 30) + "end\n", "bytes in a line", 2},
		"more lines than may be": {"Ada,\"" + strings.Repeat("line\n", 5000) + "\"\n", "never closed", 0},
	} {
		rows := all(t, tt.text+after, ',')
		if tt.rows > 0 && len(rows) != tt.rows || !strings.Contains(rows[0].Fault, tt.fault) {
			t.Errorf("%s: %d rows, %q", name, len(rows), rows[0].Fault)
		}
		if last := rows[len(rows)-1]; last.Fault != "" || strings.Join(last.Cells, ",")+"\n" != after {
			t.Errorf("%s: the row behind it is %q %s", name, last.Cells, last.Fault)
		}
	}
}

func TestGuard(t *testing.T) {
	for cell, want := range map[string]string{
		"=1+1": "'=1+1", "@SUM(A1)": "'@SUM(A1)", "+cmd|' /C calc'!A0": "'+cmd|' /C calc'!A0", "-2+3+cmd|x": "'-2+3+cmd|x", "\t=1": "'\t=1", "\r=1": "'\r=1", "\n=1": "'\n=1",
		"＝1+1": "'＝1+1", "＋1": "'＋1", "-": "'-", "'=1": "''=1",
		"+49 (30) 123-45": "+49 (30) 123-45", "-12.50": "-12.50", "a=b": "a=b", "": "", "'tis": "'tis",
	} {
		if got := Guard(cell); got != want {
			t.Errorf("%q: %q, want %q", cell, got, want)
		}
	}
}

// What is exported comes back as it was.
func FuzzGuard(f *testing.F) {
	for _, s := range []string{"=1", "'=1", "''", "+49", "＝", "\xff=", ""} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, cell string) {
		guarded := Guard(cell)
		if got := Unguard(guarded); got != cell {
			t.Errorf("%q became %q and came back as %q", cell, guarded, got)
		}
		if strings.IndexAny(guarded, "=@\t\r\n") == 0 {
			t.Errorf("%q begins a formula", guarded)
		}
	})
}

func TestEncodings(t *testing.T) {
	const text = "name,city\nZoë 🚀,Köln\nמרים,ירושלים\n"
	var little, big []byte
	for _, u := range utf16.Encode([]rune(text)) {
		little = append(little, byte(u), byte(u>>8))
		big = append(big, byte(u>>8), byte(u))
	}
	for name, tt := range map[string]struct{ raw, encoding, want string }{
		"UTF-8":                {text, UTF8, text},
		"UTF-8 with mark":      {"\xEF\xBB\xBF" + text, UTF8, text},
		"UTF-16 LE with mark":  {"\xFF\xFE" + string(little), UTF16LE, text},
		"UTF-16 BE with mark":  {"\xFE\xFF" + string(big), UTF16BE, text},
		"UTF-16 LE":            {string(little), UTF16LE, text},
		"UTF-16 BE":            {string(big), UTF16BE, text},
		"Windows-1252":         {"name\nZo\xEB \x80 5 \x96 \x93ok\x94\n", Windows1252, "name\nZoë € 5 – “ok”\n"},
		"UTF-8, a byte broken": {strings.Repeat("Köln,", 20) + "\xFF\n", UTF8, strings.Repeat("Köln,", 20) + "\uFFFD\n"},
		"half a character":     {"\xFF\xFEa\x00b", UTF16LE, "a\uFFFD"},
		"ascii":                {"a,b\n", UTF8, "a,b\n"},
	} {
		var d Detector
		if _, err := io.Copy(&d, iotest.OneByteReader(strings.NewReader(tt.raw))); err != nil {
			t.Fatal(err)
		}
		if d.Encoding() != tt.encoding || d.Binary() != "" {
			t.Errorf("%s: taken for %s %s", name, d.Encoding(), d.Binary())
		}
		for _, from := range []io.Reader{strings.NewReader(tt.raw), iotest.OneByteReader(strings.NewReader(tt.raw))} {
			got, err := io.ReadAll(Decode(from, tt.encoding))
			if err != nil || string(got) != tt.want {
				t.Errorf("%s: %q (%v), want %q", name, got, err, tt.want)
			}
		}
	}
}

func TestBinaryIsTold(t *testing.T) {
	for _, raw := range []string{"PK\x03\x04rest", "%PDF-1.7", "\x00\x00\x00\x00\x01\x02\x00\x00"} {
		var d Detector
		d.Write([]byte(raw))
		if d.Binary() == "" {
			t.Errorf("%q was taken for text", raw)
		}
	}
}

func TestGuess(t *testing.T) {
	for name, tt := range map[string]struct {
		text string
		want Shape
	}{
		"comma":            {"First,Last,Email\na,b,c@d.e\n", Shape{",", true}},
		"semicolon":        {"Vorname;Nachname;Betrag\nA;B;1,50\nC;D;2,50\n", Shape{";", true}},
		"tab":              {"First\tLast, title\na\tb\n", Shape{"\t", true}},
		"no header":        {"Ada,ada@x.example\nBob,bob@x.example\n", Shape{",", false}},
		"one column":       {"Email\na@b.example\n", Shape{",", true}},
		"commas in quotes": {"Name;Note\n\"a, b, c\";\"d, e\"\nx;\"f, g\"\n", Shape{";", true}},
	} {
		got, err := Guess([]byte(tt.text))
		if err != nil || got != tt.want {
			t.Errorf("%s: %+v (%v), want %+v", name, got, err, tt.want)
		}
	}
	if _, err := Guess([]byte(strings.Repeat("c,", 10_000) + "\n")); err == nil {
		t.Error("10,000 columns were taken")
	}
	if _, err := Guess([]byte("\n\n")); err == nil {
		t.Error("no rows were taken")
	}
}

func FuzzRead(f *testing.F) {
	for _, s := range []string{"a,b\n", "\"a\n", "\"\"\"\n\"", "\r\r\n\"x\"y,\"\n", "a\x00b", strings.Repeat(",", 600)} {
		f.Add(s, byte(','))
	}
	f.Fuzz(func(t *testing.T, text string, delimiter byte) {
		if delimiter == '"' || delimiter == '\n' || delimiter == '\r' {
			return
		}
		last := 0
		for _, row := range all(t, text, delimiter) {
			if row.Line <= last || len(row.Cells) == 0 || len(row.Cells) > MaxColumns {
				t.Errorf("line %d after %d, %d cells", row.Line, last, len(row.Cells))
			}
			last = row.Line
		}
	})
}

func FuzzDecode(f *testing.F) {
	f.Add([]byte("\xFF\xFEa\x00\x3D\xD8"), 1)
	f.Add([]byte("K\xC3"), 0)
	f.Fuzz(func(t *testing.T, raw []byte, which int) {
		encoding := Encodings[uint(which)%uint(len(Encodings))]
		whole, err := io.ReadAll(Decode(strings.NewReader(string(raw)), encoding))
		if err != nil {
			t.Fatal(err)
		}
		bits, _ := io.ReadAll(Decode(iotest.OneByteReader(strings.NewReader(string(raw))), encoding))
		if string(whole) != string(bits) || strings.ToValidUTF8(string(whole), "") != string(whole) {
			t.Errorf("%s: %q, by bytes %q", encoding, whole, bits)
		}
		var d Detector
		d.Write(raw)
		d.Encoding()
		d.Binary()
		Guess(whole) // any text has a shape or a fault
	})
}
