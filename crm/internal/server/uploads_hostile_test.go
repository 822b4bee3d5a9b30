package server

import (
	"bytes"
	"fmt"
	"mime/multipart"
	"net/textproto"
	"strings"
	"testing"
	"unicode/utf16"
)

// Files that are no tables are refused with words, and leave nothing behind.
func TestFilesThatAreNoTables(t *testing.T) {
	c := signIn(t, shared.crm.url, "hostile-files@example.com")
	for name, tt := range map[string]struct{ content, says string }{
		"nothing":        {"", "no rows"},
		"blank lines":    {"\n\r\n \n", "no rows"},
		"a header alone": {"Name,Email\n", "no rows"},
		"5,000 columns":  {strings.Repeat("c,", 5000) + "\n" + strings.Repeat("v,", 5000) + "\n", "more than 500 columns"},
		"NUL bytes":      {strings.Repeat("\x00", 10_000), "not text"},
		"a workbook":     {"PK\x03\x04" + strings.Repeat("x", 100), "Excel workbook"},
		"too many rows":  {"Name\n" + strings.Repeat("a\n", 500_001), "500,000 rows"},
		"one byte":       {"\xff", "no rows"},
		"half a mark":    {"\xff\xfe", "no rows"},
	} {
		if got := c.upload("/api/v1/imports", "x.csv", tt.content); got.status != 422 || !strings.Contains(got.raw, tt.says) {
			t.Errorf("%s: %d %.300s; want 422 with %q", name, got.status, got.raw, tt.says)
		}
	}
	c.upload("/api/v1/imports", "x.csv", strings.Repeat("a,b,c,d,e,f,g,h\n", 21<<16)).want(413)
	for name, tt := range map[string]struct {
		kind, body string
		status     int
	}{
		"no boundary":       {"multipart/form-data", "x", 415},
		"another boundary":  {"multipart/form-data; boundary=a", "--b\r\n\r\nx\r\n--b--", 400},
		"cut in the header": {"multipart/form-data; boundary=a", "--a\r\nContent-Disposition: form-data; name=\"file\"", 400},
		"cut in the file":   {"multipart/form-data; boundary=a", "--a\r\nContent-Disposition: form-data; name=\"file\"; filename=\"x\"\r\n\r\nName,Em", 400},
		"many values":       {"multipart/form-data; boundary=a", strings.Repeat("--a\r\nContent-Disposition: form-data; name=\"v\"\r\n\r\nx\r\n", 1000) + "--a--", 400},
		"a long value":      {"multipart/form-data; boundary=a", "--a\r\nContent-Disposition: form-data; name=\"kind\"\r\n\r\n" + strings.Repeat("x", 1<<20) + "\r\n--a--", 413},
		"a huge header":     {"multipart/form-data; boundary=a", "--a\r\nX: " + strings.Repeat("x", 12<<20) + "\r\n\r\nx\r\n--a--", 400},
		"another kind":      {"multipart/form-data; boundary=a", "--a\r\nContent-Disposition: form-data; name=\"kind\"\r\n\r\nplanets\r\n--a\r\nContent-Disposition: form-data; name=\"file\"; filename=\"x\"\r\n\r\nName\r\nAda\r\n\r\n--a--", 422},
	} {
		if got := c.do("POST", "/api/v1/imports", tt.body, "Content-Type: "+tt.kind); got.status != tt.status {
			t.Errorf("%s: %d %.300s", name, got.status, got.raw)
		}
	}
}

// named uploads a file under a name that a form cannot have.
func (c client) named(name, content string) answer {
	c.t.Helper()
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	part, err := form.CreatePart(textproto.MIMEHeader{"Content-Disposition": {`form-data; name="file"; filename*=utf-8''` + name}})
	if err != nil {
		c.t.Fatal(err)
	}
	part.Write([]byte(content)) // a buffer takes all
	form.Close()
	return c.do("POST", "/api/v1/imports", body.String(), "Content-Type: "+form.FormDataContentType())
}

// The file of rows that failed runs nothing in a spreadsheet and says nothing
// of its own in a header, whatever the table had in it and was called.
func TestErrorFileIsHarmless(t *testing.T) {
	c := signIn(t, shared.crm.url, "hostile-names@example.com")
	up := c.named("..%2F..%2Fetc%2Fp%0D%0ASet-Cookie%3A%20x%3Dy%22%3B.csv", "=cmd|' /C calc'!A0,Email\n@SUM(1),nowhere\n").want(201)
	if name := up.text("fileName"); strings.ContainsAny(name, "/\r\n") {
		t.Errorf("the name is %q", name)
	}
	at := up.header.Get("Location")
	c.do("POST", at+"/run", nil).want(200)
	c.settled(at, "done", "failed")
	file := c.do("GET", at+"/errors.csv", nil).want(200)
	if strings.Contains(file.raw, "\n=") || strings.Contains(file.raw, "\uFEFF=") || strings.Contains(file.raw, ",@") || strings.Contains(file.raw, "\n@") || !strings.Contains(file.raw, "'=cmd") {
		t.Errorf("%q", file.raw)
	}
	if file.header.Get("Set-Cookie") != "" || strings.ContainsAny(file.header.Get("Content-Disposition"), "\r\n") {
		t.Errorf("%v", file.header)
	}
}

// Tables in old encodings, with a cell of 10 MB or with NUL bytes come in but
// for the rows that cannot.
func TestHostileTablesOverTheAPI(t *testing.T) {
	c := signIn(t, shared.crm.url, "hostile-tables@example.com")
	var wide []byte
	for _, u := range utf16.Encode([]rune("\uFEFFName;Email\nZoë Ünal;zoe-16@tables.example\n")) {
		wide = append(wide, byte(u), byte(u>>8))
	}
	for name, tt := range map[string]struct {
		table           string
		created, failed int
		found           string
	}{
		"UTF-16":           {string(wide), 1, 0, "Zoë Ünal"},
		"Windows-1252":     {"Name,Email\nRen\xe9 \x80uro,rene@tables.example\n", 1, 0, "René €uro"},
		"UTF-8, with mark": {"\xEF\xBB\xBFName,Email\nMárk,mark@tables.example\n", 1, 0, "Márk"},
		"10 MB in a cell":  {"Name,Email\nBig " + strings.Repeat("x", 10<<20) + ",big@tables.example\nSmall Cell,small@tables.example\n", 1, 1, "Small Cell"},
		"NUL bytes":        {"Name,Email\nN\x00ul,nul@tables.example\nNo Nul,nonul@tables.example\n", 1, 1, "No Nul"},
	} {
		up := c.upload("/api/v1/imports", "x.csv", tt.table).want(201)
		at := up.header.Get("Location")
		c.do("POST", at+"/run", nil).want(200)
		counts, _ := c.settled(at, "done", "failed").body["counts"].(object)
		if counts["created"] != float64(tt.created) || counts["failed"] != float64(tt.failed) {
			t.Errorf("%s: %v", name, counts)
		}
		_, last, _ := strings.Cut(tt.found, " ")
		if found := c.do("GET", "/api/v1/people?q="+strings.Fields(tt.found)[0], nil).want(200); !strings.Contains(found.raw, last) {
			t.Errorf("%s: %s is not found: %.300s", name, tt.found, found.raw)
		}
		if len(tt.table) > 1<<20 && up.body["shape"] != nil && len(up.raw) > 20_000 {
			t.Errorf("%s: the answer repeats the cell: %s", name, fmt.Sprint(len(up.raw)))
		}
	}
}
