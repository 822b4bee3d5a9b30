package access

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"
)

// An Answer says what was decided, and by what.
type Answer struct {
	Action   string `json:"action"`
	Resource string `json:"resource"`
	As       string `json:"as"`
	Decision string `json:"decision"` // allowed, explicitDeny or implicitDeny
	Because  string `json:"because"`
	// Statements apply to the call; the first decided, if one did.
	Statements []Statement `json:"statements"`
	// Missing are condition keys that policies ask for and nobody gave.
	Missing []string `json:"missingContext,omitempty"`
	Unheard string   `json:"notConsidered,omitempty"`
}

// A Statement is a part of a policy.
type Statement struct {
	Policy string          `json:"policy"`
	Kind   string          `json:"kind"` // "role", "user-managed", "aws-managed", "resource" …
	From   string          `json:"from"` // line:column
	To     string          `json:"to"`
	Text   json.RawMessage `json:"statement,omitempty"`
}

// Allowed tells whether the action may be taken.
func (a Answer) Allowed() bool {
	return a.Decision == string(types.PolicyEvaluationDecisionTypeAllowed)
}

// fill puts what a simulation found into the answer.
func (c *Client) fill(ctx context.Context, a *Answer, r types.EvaluationResult, resourcePolicy string) error {
	a.Decision, a.Missing = string(r.EvalDecision), r.MissingContextValues
	a.Statements = []Statement{}
	p := policies{Client: c, as: a.As, resource: resourcePolicy}
	for _, s := range r.MatchedStatements {
		text, err := p.text(ctx, aws.ToString(s.SourcePolicyId))
		if err != nil {
			return err
		}
		a.Statements = append(a.Statements, Statement{
			Policy: aws.ToString(s.SourcePolicyId), Kind: string(s.SourcePolicyType),
			From: place(s.StartPosition), To: place(s.EndPosition), Text: cut(text, s.StartPosition, s.EndPosition),
		})
	}
	a.Because = because(a, r)
	return nil
}

func because(a *Answer, r types.EvaluationResult) string {
	bounded := r.PermissionsBoundaryDecisionDetail
	switch {
	case a.Allowed() && len(a.Statements) > 0:
		return "a statement of " + a.Statements[0].Policy + " allows it"
	case a.Decision == string(types.PolicyEvaluationDecisionTypeExplicitDeny) && len(a.Statements) > 0:
		return "a statement of " + a.Statements[0].Policy + " denies it"
	case bounded != nil && !bounded.AllowedByPermissionsBoundary:
		return "the permissions boundary does not allow it"
	}
	return "no statement of its policies allows it"
}

// Print writes the answer for people.
func (a Answer) Print(w io.Writer) error {
	verdict := "denied"
	if a.Allowed() {
		verdict = "allowed"
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%s: %s on %s as %s\nbecause %s\n", verdict, a.Action, a.Resource, a.As, a.Because)
	for _, s := range a.Statements {
		fmt.Fprintf(&b, "\n%s (%s), %s to %s\n", s.Policy, s.Kind, s.From, s.To)
		if len(s.Text) > 0 {
			fmt.Fprintf(&b, "    %s\n", s.Text)
		}
	}
	if len(a.Missing) > 0 {
		fmt.Fprintf(&b, "\nconditions ask for keys that were not given: %s\n", strings.Join(a.Missing, ", "))
	}
	if a.Unheard != "" {
		fmt.Fprintf(&b, "\nnot considered: %s\n", a.Unheard)
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func place(p *types.Position) string {
	if p == nil {
		return ""
	}
	return fmt.Sprintf("%d:%d", p.Line, p.Column)
}

// cut returns what lies between two places of a document, if it is a statement.
func cut(text string, from, to *types.Position) json.RawMessage {
	if from == nil || to == nil {
		return nil
	}
	start, end := offset(text, from), offset(text, to)
	if start < 0 || end > len(text) || start >= end {
		return nil
	}
	part := json.RawMessage(strings.Trim(text[start:end], " \t\r\n,"))
	if !json.Valid(part) {
		return nil
	}
	return part
}

func offset(text string, p *types.Position) int {
	at := 0
	for range p.Line - 1 {
		n := strings.IndexByte(text[at:], '\n')
		if n < 0 {
			return -1
		}
		at += n + 1
	}
	return at + int(p.Column) - 1
}
