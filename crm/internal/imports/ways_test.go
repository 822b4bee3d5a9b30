package imports

import (
	"context"
	"strings"
	"testing"

	"apexai/crm/internal/database"
	"apexai/crm/internal/id"
	"apexai/crm/internal/people"
	"apexai/crm/internal/tenant"
	"apexai/crm/internal/web"
)

// mapped sets how an import goes about what is there already.
func (b bench) mapped(i Import, change func(*Mapping)) Import {
	b.t.Helper()
	change(&i.Mapping)
	return b.must(b.Map(b.ctx, b.tenant, i.ID, i.Mapping))
}

func TestWaysWithWhatIsThere(t *testing.T) {
	b := begin(t)
	first := b.ran(b.upload(People, "Name,Email\nWays One,one@ways.example\n").ID)
	if first.Counts.Created != 1 {
		t.Fatalf("%+v", first.Counts)
	}
	const again = "Name,Email,Phone\nOther Name,ONE@ways.example,030 123456\nWays Two,two@ways.example,\n"
	skip := b.mapped(b.upload(People, again), func(m *Mapping) { m.Existing = onSkip })
	if c := b.checked(skip.ID).Report.Counts; c != (Counts{Created: 1, Skipped: 1}) {
		t.Errorf("check, skip: %+v", c)
	}
	if c := b.ran(skip.ID).Counts; c != (Counts{Created: 1, Skipped: 1}) {
		t.Errorf("skip: %+v", c)
	}
	create := b.mapped(b.upload(People, again), func(m *Mapping) { m.Existing = onCreate })
	if c := b.ran(create.ID).Counts; c != (Counts{Failed: 2}) {
		t.Errorf("create: %+v", c)
	}
	update := b.upload(People, again)
	if c := b.ran(update.ID).Counts; c != (Counts{Updated: 1, Skipped: 1}) {
		t.Errorf("update: %+v", c)
	}
}

// An undo leaves alone what somebody changed since, and says so.
func TestUndoKeepsWhatWasChanged(t *testing.T) {
	b := begin(t)
	i := b.ran(b.upload(People, "Name,Email\nUndo One,one@undo.example\nUndo Two,two@undo.example\n").ID)
	who := b.personOf("one@undo.example")
	if _, err := b.People.Update(b.ctx, b.tenant, who, 1, people.Patch{Title: web.Field[string]{Given: true, Value: "Changed"}}); err != nil {
		t.Fatal(err)
	}
	back := b.takenBack(i.ID)
	told, err := b.Told(b.ctx, b.tenant, i.ID)
	if err != nil || back.Undone != 1 || back.Kept != 1 || len(told.Kept) != 1 || told.Kept[0].ID != who || !strings.Contains(told.Kept[0].Reason, "title") {
		t.Errorf("%d undone, %d kept: %+v (%v)", back.Undone, back.Kept, told.Kept, err)
	}
}

func (b bench) personOf(email string) (who id.ID) {
	b.t.Helper()
	err := b.DB.View(b.ctx, func(ctx context.Context, q database.Queryer) error {
		found, err := lookUp(ctx, q, b.tenant, selectPeople, []string{email})
		who = found[email]
		return err
	})
	if err != nil || who.IsZero() {
		b.t.Fatalf("%s: %v", email, err)
	}
	return who
}

// Deals find or make their companies and their people's, and their stages.
func TestDeals(t *testing.T) {
	b := begin(t)
	b.ran(b.upload(People, "Name,Email\nDeal Maker,maker@deals.example\n").ID)
	i := b.upload("", "Deal Name,Amount,Deal Stage,Close Date,Company,Contact's e-mail\n"+
		"Big,\"€ 1.234,50\",,31.12.2026,Deals Ltd,maker@deals.example\nSmall,99,Nowhere,31.12.2026,Deals Ltd,\nLate,\"1,00\",,31.02.2026,,\nLonely,\"1,00\",,,,nobody@deals.example\n")
	if i.Mapping.Kind != Deals || i.Mapping.DateOrder != "dmy" || i.Mapping.Decimal != "," {
		t.Fatalf("%+v", i.Mapping)
	}
	i = b.mapped(i, func(m *Mapping) { m.Currency = "EUR" })
	i = b.ran(i.ID)
	told, _ := b.Told(b.ctx, b.tenant, i.ID)
	if i.Counts.Created < 1 || i.Counts.sum() != 4 || i.Counts.Failed < 2 {
		t.Errorf("%+v %+v", i.Counts, told.Problems)
	}
	if back := b.takenBack(i.ID); back.Kept != 0 {
		t.Errorf("%d kept", back.Kept)
	}
}

// A job that ends in the middle is gone on with where it was: nothing is lost
// and nothing done twice.
func TestKilledInTheMiddle(t *testing.T) {
	b := begin(t)
	text := strings.ReplaceAll(tenThousand(1100), "@firm", "@killed")
	i := b.upload(People, text)
	b.must(b.Run(b.ctx, b.tenant, i.ID))
	for n := 0; b.must(b.Get(b.ctx, b.tenant, i.ID)).Status == Running; n++ {
		ctx, cancel := context.WithCancel(b.ctx)
		store := b.Store
		store.Tell = func(context.Context, tenant.Tenant, string, any) { cancel() } // after each piece
		if err := store.doRun(ctx, b.tenant, i.ID); err == nil && n == 0 {
			t.Error("the first job ended well")
		}
		cancel()
		if n > 10 {
			t.Fatal("it does not end")
		}
	}
	i = b.must(b.Get(b.ctx, b.tenant, i.ID))
	if want := (Counts{Created: 1100 * 97 / 100, Failed: 1100 * 3 / 100}); i.Counts != want || i.Done != 1100 {
		t.Errorf("%d done: %+v, want %+v", i.Done, i.Counts, want)
	}
	b.takenBack(i.ID)
}

// What was stopped is gone on with from where it was.
func TestStoppedAndResumed(t *testing.T) {
	b := begin(t)
	i := b.upload(People, "Name,Email\nStop One,one@stop.example\nStop Two,two@stop.example\n")
	b.must(b.Run(b.ctx, b.tenant, i.ID))
	b.must(b.Cancel(b.ctx, b.tenant, i.ID))
	if err := b.doRun(b.ctx, b.tenant, i.ID); err != nil {
		t.Fatal(err)
	}
	if i = b.must(b.Get(b.ctx, b.tenant, i.ID)); i.Status != Cancelled || i.Done != 0 {
		t.Fatalf("%s after %d rows", i.Status, i.Done)
	}
	b.must(b.Resume(b.ctx, b.tenant, i.ID))
	for range 2 { // the job of the first order may come late
		if err := b.doRun(b.ctx, b.tenant, i.ID); err != nil {
			t.Fatal(err)
		}
	}
	if i = b.must(b.Get(b.ctx, b.tenant, i.ID)); i.Status != Done || i.Counts != (Counts{Created: 2}) {
		t.Errorf("%s: %+v", i.Status, i.Counts)
	}
	b.takenBack(i.ID)
}

func TestHostileTables(t *testing.T) {
	b := begin(t)
	for name, tt := range map[string]struct {
		text string
		want Counts
	}{
		"formulas":         {"Name,Email\n=cmd|' /C calc'!A0,formula@hostile.example\n", Counts{Created: 1}},
		"mark":             {"\xEF\xBB\xBFName,Email\nMark,mark@hostile.example\n", Counts{Created: 1}},
		"Windows-1252":     {"Name,Email\nZo\xEB M\xFCller,zoe@hostile.example\n", Counts{Created: 1}},
		"damaged UTF-8":    {"Name,Email\n" + strings.Repeat("Zoë,", 1) + "zoe2@hostile.example\nG\xFC,bad@hostile.example\n" + strings.Repeat("Ümit Öz,\n", 10), Counts{Created: 11, Failed: 1}},
		"open quote":       {"Name,Email\n\"Ada,ada@hostile.example\nBob,bob@hostile.example\n", Counts{Created: 1, Failed: 1}},
		"NUL":              {"Name,Email\nA\x00da,nul@hostile.example\n", Counts{Failed: 1}},
		"right-to-left":    {"Name,Email\nמרים כהן,miriam@hostile.example\nevil\u202Egnp.exe,spoof@hostile.example\n", Counts{Created: 1, Failed: 1}},
		"emoji":            {"Name,Email\n👩‍🚀 Ada 🚀,emoji@hostile.example\n", Counts{Created: 1}},
		"too many columns": {"Name,Email\nAda Much,much@hostile.example,x,y\n", Counts{Failed: 1}},
		"too few columns":  {"Name,Email,Phone\nAda Few,few@hostile.example\n", Counts{Created: 1}},
		"long":             {"Name,Email\n" + strings.Repeat("x", 70_000) + ",long@hostile.example\n", Counts{Failed: 1}},
		"no values":        {"Name,Email\n\" \",\" \"\n", Counts{Failed: 1}},
	} {
		i := b.ran(b.upload(People, tt.text).ID)
		if i.Counts != tt.want || i.Counts.sum() != i.Total {
			told, _ := b.Told(b.ctx, b.tenant, i.ID)
			t.Errorf("%s: %+v of %d, want %+v: %+v", name, i.Counts, i.Total, tt.want, told.Problems)
		}
		b.takenBack(i.ID)
	}
}
