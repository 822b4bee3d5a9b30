package imports

import (
	"fmt"
	"strings"
	"testing"

	"apexai/crm/internal/sheet"
)

func TestDates(t *testing.T) {
	for _, tt := range []struct{ in, order, want string }{
		{"2026-11-05", "dmy", "2026-11-05"},
		{"05.11.2026", "dmy", "2026-11-05"},
		{"11/05/2026", "mdy", "2026-11-05"},
		{"05/11/2026", "dmy", "2026-11-05"},
		{"5.11.26", "dmy", "2026-11-05"},
		{"2026/11/05 13:00", "mdy", "2026-11-05"},
		{"2026-11-05T23:30:00Z", "dmy", "2026-11-05"},
		{"5 November 2026", "dmy", "2026-11-05"},
		{"31.02.2026", "dmy", ""},
		{"13/13/2026", "mdy", ""},
		{"yesterday", "dmy", ""},
		{"", "dmy", ""},
		{"05.11", "dmy", ""},
		{"0000-00-00", "ymd", ""},
	} {
		got, err := date(tt.in, tt.order)
		if got != tt.want || (err == nil) != (tt.want != "") {
			t.Errorf("%s %q: %q (%v), want %q", tt.order, tt.in, got, err, tt.want)
		}
	}
}

func TestAmounts(t *testing.T) {
	for _, tt := range []struct {
		in, decimal string
		minor       int64
		currency    string
	}{
		{"1,234.50", ".", 123450, "EUR"},
		{"1.234,50", ",", 123450, "EUR"},
		{"€ 1.234,5", ",", 123450, "EUR"},
		{"$99", ".", 9900, "USD"},
		{"1'000 CHF", ".", 100000, "CHF"},
		{"5000 JPY", ".", 5000, "JPY"},
		{"0.125", ".", 13, "EUR"},
		{"1 234,00", ",", 123400, "EUR"},
	} {
		minor, currency, err := amount(tt.in, tt.decimal, "EUR")
		if err != nil || minor != tt.minor || currency != tt.currency {
			t.Errorf("%q: %d %s (%v), want %d %s", tt.in, minor, currency, err, tt.minor, tt.currency)
		}
	}
	for _, in := range []string{"", "a lot", "1.2.3", "12,34.5", "-5", "1e9", "99999999999999999999"} {
		if minor, _, err := amount(in, ".", "EUR"); err == nil {
			t.Errorf("%q was taken as %d", in, minor)
		}
	}
}

// Exports of other programs are mapped without a hand.
func TestPresets(t *testing.T) {
	for header, want := range map[string]struct{ source, kind, mapped string }{
		"Record ID,First Name,Last Name,Email,Phone Number,Contact owner,Associated Company,Job Title,Lifecycle Stage": {
			sourceHubSpot, People, ",firstName,lastName,email,phone,owner,company,title,",
		},
		"Record ID,Company name,Company Domain Name,Industry,Number of Employees,Company owner,Street Address": {
			sourceHubSpot, Companies, ",name,domain,industry,sizeBand,owner,address",
		},
		"Record ID,Deal Name,Deal Stage,Pipeline,Amount,Close Date,Deal owner,Associated Company": {
			sourceHubSpot, Deals, ",title,stage,pipeline,amount,closeDate,owner,company",
		},
		"Person - Name,Person - Organization,Person - Email - Work,Person - Phone - Work,Person - Owner,Person - Label": {
			sourcePipedrive, People, "fullName,company,email,phone,owner,tags",
		},
		"Deal - Title,Deal - Value,Deal - Currency,Deal - Stage,Deal - Organization,Deal - Expected close date": {
			sourcePipedrive, Deals, "title,amount,currency,stage,company,closeDate",
		},
		"First Name,Last Name,Organization Name,Organization Title,Labels,E-mail 1 - Label,E-mail 1 - Value,Phone 1 - Label,Phone 1 - Value": {
			sourceGoogle, People, "firstName,lastName,company,title,tags,,email,,phone",
		},
		"First Name,Last Name,Company,Job Title,E-mail Address,E-mail 2 Address,Business Phone,Mobile Phone,Categories,Business Street,Business City": {
			sourceOutlook, People, "firstName,lastName,company,title,email,email,phone,mobile,tags,address,address",
		},
		"Vorname,Nachname,E-Mail,Telefon,Firma": {"", People, "firstName,lastName,email,phone,company"},
		"Name,Email,Why it was not imported":    {"", People, "fullName,email,"},
	} {
		var columns []Column
		for name := range strings.SplitSeq(header, ",") {
			columns = append(columns, Column{Name: name})
		}
		kind := kindOf(columns)
		if source, mapped := sourceOf(columns), strings.Join(guess(columns, kind, catalog[kind]), ","); source != want.source || kind != want.kind || mapped != want.mapped {
			t.Errorf("%s\n is %q %s %s\nwant %q %s %s", header, source, kind, mapped, want.source, want.kind, want.mapped)
		}
	}
}

// No table, whatever is in it, is more than rows that fail.
func FuzzParse(f *testing.F) {
	f.Add("Name,Email,Tags\nAda,ada@x.example,a;b\n\"=1+1\",x@,::: \n")
	f.Add("Deal - Title,Deal - Value,Deal - Expected close date\nBig,\"€ 1.234,50\",31/12/2026\n")
	f.Add("a\x00b,\xFF\n,,\n\"")
	f.Fuzz(func(t *testing.T, text string) {
		rows := first20([]byte(text), ",")
		columns := describe(rows, true)
		kind := kindOf(columns)
		m := suggest(columns, kind, catalog[kind])
		if len(m.Columns) != len(columns) {
			t.Fatalf("%d columns are mapped of %d", len(m.Columns), len(columns))
		}
		p := parser{mapping: m, fields: catalog[kind]}
		for n, row := range rows {
			r := p.parse(sheet.Row{Line: n + 1, Cells: row.Cells, Fault: row.Fault}, n+1)
			if r.fault == "" && fmt.Sprint(r.draft) == "" {
				t.Errorf("row %d is nothing", n)
			}
		}
	})
}
