package ec2

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"reflect"
	"time"

	"apex/internal/api"
	"apex/internal/controller"
	"apex/internal/store"
)

// A Token remembers what a call with a client token was answered, so that the
// same call made again creates nothing.
type Token struct {
	Key    string // scope.Key(operation + "/" + token)
	Input  string // a hash of what was asked
	Answer json.RawMessage
	At     time.Time
}

// tokensLast is how long a client token is remembered.
const tokensLast = 24 * time.Hour

// once runs fn, or gives the answer of the call that had the same token.
func once[In, Out any](c change, operation string, in *In, fn func(change, *In) (*Out, error)) (*Out, error) {
	field := reflect.ValueOf(in).Elem().FieldByName("ClientToken")
	if !field.IsValid() || field.IsNil() || field.Elem().String() == "" {
		return fn(c, in)
	}
	asked, err := json.Marshal(in)
	if err != nil {
		return nil, err
	}
	sum := sha256.Sum256(asked)
	token := Token{Key: c.key(operation + "/" + field.Elem().String()), Input: hex.EncodeToString(sum[:]), At: c.now()}
	if had, ok := Tokens.Get(c.r, token.Key); ok {
		if had.Input != token.Input {
			return nil, api.Invalid("IdempotentParameterMismatch", "The client token has been used with other parameters.")
		}
		out := new(Out)
		return out, json.Unmarshal(had.Answer, out)
	}
	out, err := fn(c, in)
	if err != nil {
		return nil, err
	}
	if token.Answer, err = json.Marshal(out); err != nil {
		return nil, err
	}
	Tokens.Put(c.tx, token)
	return out, nil
}

// tokenController forgets client tokens in the end.
func (s *Service) tokenController() controller.Controller {
	return controller.Every("ec2/tokens", time.Hour, func(ctx context.Context) {
		err := s.env.Store.Update(ctx, func(tx *store.Tx) error {
			for key, t := range Tokens.All(tx) {
				if s.env.Now().Sub(t.At) > tokensLast {
					Tokens.Delete(tx, key)
				}
			}
			return nil
		})
		if err != nil {
			s.env.Log.WarnContext(ctx, "client tokens not forgotten", "error", err)
		}
	})
}
