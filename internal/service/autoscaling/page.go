package autoscaling

import (
	"encoding/base64"

	"apex/internal/api"
	"apex/internal/api/autoscalingapi"
)

// defaultPage is how many items a list answers when no maximum is given.
const defaultPage = 50

// A pager picks one page of a list in key order. Its token is the last key of
// the page before, so that it stays right while the list changes.
type pager struct {
	after, last string
	left        int64
	more        bool
}

func newPager(token *string, limit *int64) (*pager, error) {
	p := &pager{left: api.Or(limit, defaultPage)}
	if p.left < 1 || p.left > defaultPage {
		return nil, autoscalingapi.NewValidationException("MaxResults %d: want 1 to %d", p.left, defaultPage)
	}
	if token != nil {
		after, err := base64.RawURLEncoding.DecodeString(*token)
		if err != nil {
			return nil, autoscalingapi.NewInvalidNextTokenException("The next token is none that this operation gave")
		}
		p.after = string(after)
	}
	return p, nil
}

// take reports whether the item fits on the page; when it does not, the list ends.
func (p *pager) take(key string) bool {
	if p.left == 0 {
		p.more = true
		return false
	}
	p.left--
	p.last = key
	return true
}

// skip reports whether the item belongs to an earlier page.
func (p *pager) skip(key string) bool { return p.after != "" && key <= p.after }

// next returns the token of the next page, or nil.
func (p *pager) next() *string {
	if !p.more {
		return nil
	}
	return api.Ptr(base64.RawURLEncoding.EncodeToString([]byte(p.last)))
}
