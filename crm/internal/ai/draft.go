package ai

import (
	"context"

	"apexai/crm/internal/check"
	"apexai/crm/internal/llm"
	"apexai/crm/internal/tenant"
	"apexai/crm/internal/web"
)

// A Letter is what to write.
type Letter struct {
	Target
	Purpose string `json:"purpose"` // what for, in the user's words; may be empty
	Tone    string `json:"tone"`    // friendly, formal or short; may be empty
}

// Part is a piece of a draft, in the order of writing. The first line of the
// whole is "Subject: …".
type Part struct {
	Text string `json:"text"`
}

// Done ends a draft.
type Done struct {
	Model  string `json:"model"`
	Tokens int    `json:"tokens"`
}

// Draft writes an e-mail about a record, part by part. It is a draft: nobody
// sends it but a person.
func (a Assistant) Draft(ctx context.Context, t tenant.Tenant, sender string, l Letter, events *web.Events) error {
	var faults check.Faults
	faults.Lines("/purpose", &l.Purpose, 1000)
	faults.OneOf("/tone", l.Tone, "friendly", "formal", "short")
	if err := faults.Problem(); err != nil {
		return err
	}
	f, err := a.read(ctx, t, l.Target)
	if err != nil {
		return err
	}
	prompt, err := block(struct {
		file
		Sender  map[string]string `json:"sender"`
		Purpose string            `json:"purpose,omitempty"`
		Tone    string            `json:"tone,omitempty"`
		Today   string            `json:"today"`
	}{f, map[string]string{"name": sender}, l.Purpose, l.Tone, a.today()})
	if err != nil {
		return err
	}
	reply, err := a.Stream(ctx, t, "draft", llm.Request{
		System: system("draft", "Write an e-mail from the sender to the person, or to the company of the record, for the purpose given; without one, follow up on the newest activity. "+
			`The first line is "Subject: " and a subject, then an empty line, then the text: plain, at most 150 words, with the sender's name at its end. Promise nothing that the data does not.`),
		Prompt: prompt, MaxTokens: 1500,
	}, func(part string) error { return events.Send("part", Part{part}) })
	if err != nil {
		return err
	}
	return events.Send("done", Done{reply.Model, reply.Usage.Total()})
}

func (a Assistant) today() string { return a.now().Format("2006-01-02") }
