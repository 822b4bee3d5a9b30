package web

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"reflect"

	"apexai/crm/internal/problem"
)

// Exchange is an operation of another protocol over JSON, which has errors of
// its own and reads bodies of its own: 200 and the answer, or 202 where there
// is none to give.
func Exchange(fn func(ctx context.Context, c *Call, body []byte) (any, error)) Operation {
	anything := reflect.TypeFor[json.RawMessage]()
	return Operation{In: anything, Out: anything, Takes: TypeJSON, Gives: TypeJSON, Status: http.StatusOK, raw: func(w http.ResponseWriter, c *Call) error {
		body, err := io.ReadAll(http.MaxBytesReader(nil, c.Body, MaxBody))
		if err != nil {
			return problem.TooLarge(MaxBody)
		}
		answer, err := fn(c.Context(), c, body)
		if err != nil {
			return err
		}
		if answer == nil {
			w.WriteHeader(http.StatusAccepted)
			return nil
		}
		encoded, err := json.Marshal(answer)
		if err != nil {
			return err
		}
		w.Header().Set("Cache-Control", "no-store")
		send(w, c.Request, http.StatusOK, TypeJSON, encoded)
		return nil
	}}
}
