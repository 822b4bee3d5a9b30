package web

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// node runs a program that may import the given modules of the studio, which
// themselves import nothing, and returns what it prints.
func node(t *testing.T, zone, program string, modules ...string) string {
	t.Helper()
	path, err := exec.LookPath("node")
	if err != nil {
		t.Skip("no Node.js is installed")
	}
	dir := t.TempDir()
	for _, m := range modules {
		text, err := os.ReadFile("static/" + m + ".js")
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, filepath.Base(m)+".mjs"), text, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(filepath.Join(dir, "program.mjs"), []byte(program), 0o644); err != nil {
		t.Fatal(err)
	}
	command := exec.Command(path, "program.mjs")
	command.Dir = dir
	command.Env = append(os.Environ(), "TZ="+zone, "LANG=en_US.UTF-8")
	out, err := command.CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	return strings.TrimSpace(string(out))
}

// Amounts are read as people of many countries type them.
func TestAmountsAreRead(t *testing.T) {
	got := node(t, "UTC", `
		import { parseAmount, plainNumber } from './money.mjs';
		const cases = [
			['', 'EUR', 0], ['1250', 'EUR', 125000], ['1,250', 'EUR', 125000], ['1.250', 'EUR', 125000], ['1.250,50', 'EUR', 125050], ['1,250.50', 'EUR', 125050],
			['1 250,5', 'EUR', 125050], ["1'250.05", 'CHF', 125005], ['1.5', 'EUR', 150], ['0,99', 'EUR', 99], ['1,234,567', 'USD', 123456700], ['€ 12', 'EUR', 1200], ['12 €', 'EUR', 1200],
			['12k', 'USD', 1200000], ['1.5m', 'USD', 150000000], ['1500', 'JPY', 1500], ['1,500', 'JPY', 1500], ['1.234', 'KWD', 1234], ['1.2345', 'KWD', 1235], ['0.1', 'USD', 10], ['0.29', 'USD', 29], ['19.99', 'USD', 1999],
			['a lot', 'EUR', null], ['-5', 'EUR', null], ['1e9', 'EUR', null], ['999999999999999999', 'EUR', null],
		];
		for (const [text, currency, want] of cases) if (parseAmount(text, currency) !== want) console.log(text, currency, parseAmount(text, currency), 'want', want);
		for (const [minor, currency] of [[125050, 'EUR'], [1500, 'JPY'], [1234, 'KWD'], [100, 'USD'], [5, 'USD']]) {
			if (parseAmount(plainNumber(minor, currency), currency) !== minor) console.log(minor, currency, plainNumber(minor, currency));
		}`, "money")
	if got != "" {
		t.Error(got)
	}
}

// A day is the same day wherever it is shown, also where clocks change at
// midnight or a day was left out.
func TestDaysAreTheSameEverywhere(t *testing.T) {
	for _, zone := range []string{"UTC", "America/Los_Angeles", "Pacific/Kiritimati", "America/Sao_Paulo", "Africa/Cairo", "Asia/Kathmandu"} {
		got := node(t, zone, `
			import { addDays, dateOf, dayOf, daysUntil, shortDay } from './day.mjs';
			for (const day of ['2026-03-29', '2026-10-25', '2027-01-01', '2028-02-29', '2018-11-04', '2026-04-24']) {
				if (dayOf(dateOf(day)) !== day) console.log(day, 'became', dayOf(dateOf(day)));
				if (addDays(addDays(day, 1), -1) !== day || daysUntil(addDays(day, 40), day) !== 40 || daysUntil(day, day) !== 0) console.log(day, addDays(day, 1), daysUntil(addDays(day, 40), day));
				if (!shortDay(day).includes(String(Number(day.slice(8))))) console.log(day, 'is shown as', shortDay(day));
			}`, "day")
		if got != "" {
			t.Errorf("%s: %s", zone, got)
		}
	}
}

// What a spreadsheet would run as a formula it gets as text; numbers stay.
func TestReportsAsFiles(t *testing.T) {
	got := node(t, "UTC", `
		import { csv } from './csv.mjs';
		process.stdout.write(JSON.stringify(csv([['=1+1', -5, '+49', '@x', 'a,b', 'say "hi"', 'two\nlines', '', 3.5]])));`, "reports/csv")
	if want := `"\ufeff'=1+1,-5,'+49,'@x,\"a,b\",\"say \"\"hi\"\"\",\"two\nlines\",,3.5\r\n"`; strings.ReplaceAll(got, "\ufeff", `\ufeff`) != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

// A time that is typed is a moment by the clocks of the user's own zone,
// wherever the browser is, and is shown again as it was typed.
func TestTimesFollowTheUsersZone(t *testing.T) {
	for _, browser := range []string{"UTC", "Pacific/Chatham", "America/St_Johns"} {
		got := node(t, browser, `
			import { clock, moment, understand } from './due.mjs';
			const cases = [
				['UTC', '2026-06-01T12:00', '2026-06-01T12:00'], ['Asia/Kathmandu', '2026-06-01T00:00', '2026-05-31T18:15'],
				['America/New_York', '2026-03-08T01:59', '2026-03-08T06:59'], ['America/New_York', '2026-03-08T03:00', '2026-03-08T07:00'], ['America/New_York', '2026-11-01T01:30', '2026-11-01T05:30'],
				['Pacific/Chatham', '2026-04-05T09:00', '2026-04-04T20:15'], ['Pacific/Chatham', '2026-09-27T09:00', '2026-09-26T19:15'],
				['Australia/Lord_Howe', '2026-04-05T01:45', '2026-04-04T14:45'], ['Australia/Lord_Howe', '2026-10-04T09:00', '2026-10-03T22:00'], ['Asia/Beirut', '2026-10-25T00:00', '2026-10-24T22:00'],
			];
			for (const [zone, local, want] of cases) {
				const at = moment(zone, local);
				const { date, time } = clock(zone, at);
				if (at.toISOString() !== want + ':00.000Z' || date + 'T' + time !== local) console.log(zone, local, at.toISOString(), 'want', want, 'shown as', date, time);
			}
			for (const [zone, local, want] of [['America/New_York', '2026-03-08T02:30', '2026-03-08T07:30'], ['America/Santiago', '2026-09-06T00:00', '2026-09-06T04:00'], ['Australia/Lord_Howe', '2026-10-04T02:15', '2026-10-03T15:45']]) {
				if (moment(zone, local).toISOString() !== want + ':00.000Z') console.log(zone, local, 'is skipped, and is', moment(zone, local).toISOString());
			}
			for (const [zone, now, typed, date, time] of [
				['America/New_York', '2026-03-08T06:30:00Z', 'call in 2 hours', '2026-03-08', '04:30'], ['Australia/Lord_Howe', '2026-04-04T14:30:00Z', 'call in 1 hour', '2026-04-05', '02:00'],
				['Pacific/Chatham', '2026-11-26T10:30:00Z', 'call today', '2026-11-27', null], ['Pacific/Chatham', '2026-11-26T10:10:00Z', 'call tomorrow 9am', '2026-11-27', '09:00'],
			]) {
				const found = understand(typed, clock(zone, new Date(now)));
				if (found.dueDate !== date || found.dueTime !== time) console.log(zone, now, typed, found.dueDate, found.dueTime, 'want', date, time);
			}`, "tasks/due")
		if got != "" {
			t.Errorf("in %s: %s", browser, got)
		}
	}
}
