package apexai

import (
	"bytes"
	"encoding/json"
	"fmt"
	"mime/multipart"
	"net/http"
	"net/url"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"apex/internal/regiontest"
)

// rollOutRows are enough for an import to outlast the tasks that begin it.
const rollOutRows = 2500

// lookPause keeps who waits for an import below the limit of requests.
const lookPause = 300 * time.Millisecond

// An importing is an import as the API shows it.
type importing struct {
	Status string
	Done   int
	Counts struct{ Created, Updated, Skipped, Failed int }
}

func (p person) importing(t *testing.T, at string) (i importing) {
	t.Helper()
	regiontest.Await(t, at, func() bool { // "back in a moment" is an answer, too
		time.Sleep(lookPause)
		code, out, err := p.try("GET", at, "")
		if code == http.StatusServiceUnavailable {
			return false
		}
		if err != nil || code != http.StatusOK {
			t.Fatalf("GET %s: %d %v\n%s", at, code, err, out)
		}
		if err := json.Unmarshal([]byte(out), &i); err != nil {
			t.Fatal(err)
		}
		return true
	})
	return i
}

// begin uploads people and has them imported; it returns where the import is.
func (p person) begin(t *testing.T, rows int) (at string) {
	t.Helper()
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	part, err := form.CreateFormFile("file", "rollout.csv")
	if err != nil {
		t.Fatal(err)
	}
	fmt.Fprintln(part, "First name,Last name,Email")
	for i := range rows {
		fmt.Fprintf(part, "Rollout,Number %d,n%d@rollout.example\n", i, i)
	}
	if err := form.Close(); err != nil {
		t.Fatal(err)
	}
	resp, err := p.http.Post(p.url("/api/v1/imports"), form.FormDataContentType(), &body)
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	if resp.StatusCode != http.StatusCreated {
		t.Fatalf("upload: %s", resp.Status)
	}
	at = resp.Header.Get("Location")
	p.do(t, "POST", at+"/run", "")
	return at
}

// behave has the stand-ins for language models answer so: well, or slowly.
func (p person) behave(t *testing.T, mode string) {
	t.Helper()
	for _, provider := range []string{"gemini", "openai"} {
		p.do(t, "PUT", "/standins/model/mode", `{"provider":"`+provider+`","mode":"`+mode+`"}`)
	}
}

// rollOut replaces the server's tasks while one of them imports a table, one
// writes a draft before somebody's eyes, and people work. No row is lost or
// there twice, no request fails, and the draft says that it broke off, if it
// did, and can be asked for again.
func rollOut(t *testing.T, s stack) {
	if _, err := exec.LookPath("chromium"); err != nil {
		t.Skip("SKIPPED: chromium is not installed")
	}
	p := s.signIn(t)
	vera := visitor{t, "olivia", window(t)}
	openDraft(t, p, vera)
	at := p.begin(t, rollOutRows)
	w := s.startWork(t, "rollout")
	regiontest.Await(t, "the import has begun", func() bool { return p.importing(t, at).Done > 0 })
	before, began, deployed := s.tasks(t), time.Now(), make(chan error, 1)
	go func() {
		_, err := s.TryApex(t.Context(), "deploy", "server", "--force", "--wait", "stable")
		deployed <- err
	}()
	done := p.importing(t, at).Done
	if err := <-deployed; err != nil {
		t.Fatal(err)
	}
	took := time.Since(began)
	if sameTasks(before, s.tasks(t)) {
		t.Error("no task was replaced")
	}
	regiontest.Await(t, "the import is done", func() bool { return p.importing(t, at).Status == "done" })
	imported := time.Since(began)
	if failed := w.complete(t); failed > 0 {
		t.Errorf("%d requests failed during the roll-out", failed)
	}
	filter := url.QueryEscape(`{"f":"name","op":"startsWith","v":"Rollout Number "}`)
	if i, there := p.importing(t, at), p.list(t, "people?limit=1&count=exact&filter="+filter).Total; i.Counts.Created != rollOutRows || there != fmt.Sprint(rollOutRows) {
		t.Errorf("of %d rows %d were created by the count, %s are there", rollOutRows, i.Counts.Created, there)
	}
	p.behave(t, "well")
	endDraft(t, vera)
	t.Logf("deployed in %s, begun at row %d; the import was done after %s", took.Round(100*time.Millisecond), done, imported.Round(100*time.Millisecond))
}

// openDraft has a draft written that takes longer than a task is given to leave.
func openDraft(t *testing.T, p person, v visitor) {
	t.Helper()
	var made struct{ ID string }
	if err := json.Unmarshal([]byte(p.do(t, "POST", "/api/v1/people", `{"firstName":"Annie","lastName":"Easley","emails":[{"value":"annie@lewis.example","kind":"work"}]}`)), &made); err != nil {
		t.Fatal(err)
	}
	v.does("opens a draft", chromedp.Navigate(p.url("/people/"+made.ID)), chromedp.WaitVisible(testID("demo-owner")), click(testID("demo-owner")),
		chromedp.WaitVisible(testID("draft-mail")), click(testID("draft-mail")), await(`!document.querySelector('[data-testid="send-draft"]').disabled`))
	p.behave(t, "slow")
	purpose := strings.TrimSpace(strings.Repeat("offer a demo of the new engine next week and ", 22))
	v.does("asks for a long one", evaluate(fmt.Sprintf(`document.querySelector('.draftmail [name=purpose]').value = %q`, purpose)), click(testID("write-draft")),
		await(`document.querySelector('.draftmail textarea').value.includes('offer a demo') && document.querySelector('[data-testid="write-draft"]').textContent === 'Stop'`))
}

// endDraft waits for the draft's end; where it says that it broke off, it is
// asked for again.
func endDraft(t *testing.T, v visitor) {
	t.Helper()
	const over = `document.querySelector('.draftmail textarea').value.endsWith('Olivia Park')`
	v.does("sees how it ends", await(over+` || document.querySelector('.draftmail [data-testid="assist-calm"] button')`), picture("rollout-draft"))
	how, err := chromedp.Run(v.ctx, chromedp.Evaluate[string](`document.querySelector('.draftmail [data-testid="assist-calm"]')?.textContent ?? 'it was finished'`))
	if err != nil {
		t.Fatal(err)
	}
	v.does("asks again", evaluate(`document.querySelector('.draftmail [data-testid="assist-calm"] button')?.click()`), await(over))
	t.Logf("the draft: %s", how)
}
