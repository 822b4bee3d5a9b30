package cli

import (
	"apex/internal/cli/access"
)

type explainAccessCmd struct {
	targetFlags
	Action   string            `arg:"" help:"The action: secretsmanager:GetSecretValue."`
	Resource string            `arg:"" default:"*" help:"The resource: an ARN, the name of a secret or repository, or *."`
	As       string            `required:"" placeholder:"ROLE" help:"Whose rights: a role's name, the stack's name for it (task, execution), or an ARN."`
	Context  map[string]string `placeholder:"KEY=VALUE" help:"Condition keys of the call, such as aws:SourceIp=10.0.0.7."`
	Output   string            `short:"o" help:"text or json." enum:"text,json" default:"text"`
}

// Run says which statement of which policy decides.
func (c explainAccessCmd) Run(a *app) error {
	_, t, cfg, err := c.open()
	if err != nil {
		return err
	}
	answer, err := access.New(cfg).Ask(a.ctx, access.Question{
		Action: c.Action, Resource: c.Resource, As: c.As, Prefix: t.prefix(), Context: c.Context,
	})
	if err != nil {
		return err
	}
	if c.Output == "json" {
		return writeJSON(a.stdout, answer)
	}
	return answer.Print(a.stdout)
}
