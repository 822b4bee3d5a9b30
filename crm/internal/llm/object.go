package llm

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
)

// Object asks for an answer of r.Schema's form and reads it into a T. An
// answer of another form gets one more chance, with word of what was wrong.
func Object[T any](ctx context.Context, c *Client, r Request, only []string) (T, Reply, error) {
	var v T
	reply, err := c.Text(ctx, r, only)
	if err != nil {
		if e, ok := errors.AsType[*Error](err); !ok || e.Kind != Nonsense && e.Kind != Cut {
			return v, reply, err
		}
	}
	fault := err
	if err == nil {
		if fault = into(reply.Text, r.Schema, &v); fault == nil {
			return v, reply, nil
		}
	}
	r.Prompt += "\n\nThe answer before this one could not be used: " + fault.Error() + ".\nAnswer again, with JSON of the form asked for and nothing else."
	second, err := c.Text(ctx, r, only)
	second.Usage, second.Took = second.Usage.plus(reply.Usage), second.Took+reply.Took
	if err != nil {
		return v, second, err
	}
	if fault = into(second.Text, r.Schema, &v); fault != nil {
		return v, second, &Error{Kind: Nonsense, Provider: second.Provider, Cause: fault}
	}
	return v, second, nil
}

func into(text string, s *Schema, v any) error {
	data := []byte(unfence(text))
	if err := s.Check(data); err != nil {
		return err
	}
	return json.Unmarshal(data, v)
}

// unfence takes off the ```json that some models put around JSON.
func unfence(text string) string {
	text = strings.TrimSpace(text)
	if inner, ok := strings.CutPrefix(text, "```"); ok {
		inner = strings.TrimPrefix(inner, "json")
		return strings.TrimSpace(strings.TrimSuffix(inner, "```"))
	}
	return text
}
