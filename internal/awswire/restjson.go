package awswire

import (
	"encoding/json"
	"maps"
	"net/http"
	"reflect"

	"apex/internal/api"
)

// restJSON is the protocol of services whose operations are a method and a URI:
// members in both and in headers, the others as JSON in the body.
type restJSON struct{}

func (restJSON) Decode(r *Request, op *api.OperationInfo, in any) (int, error) {
	v := reflect.ValueOf(in).Elem()
	if err := decodeBindings(r, op, v); err != nil {
		return 0, err
	}
	payload := planFor(v.Type(), api.RestJSON).payload
	if payload == nil {
		return decodeJSON(r.Body, in)
	}
	return decodePayload(r.Body, v.Field(payload.index), decodeJSON)
}

// decodePayload reads a body that is one member: a structure in the protocol's
// own form, anything else as it comes.
func decodePayload(body []byte, into reflect.Value, structure func([]byte, any) (int, error)) (int, error) {
	if len(body) == 0 {
		return 0, nil
	}
	if into.Kind() == reflect.Slice {
		into.SetBytes(body)
		return 0, nil
	}
	into.Set(reflect.New(into.Type().Elem()))
	if into.Elem().Kind() == reflect.Struct {
		return structure(body, into.Interface())
	}
	into.Elem().SetString(string(body))
	return 0, nil
}

func (restJSON) Encode(w http.ResponseWriter, op *api.OperationInfo, _ string, out any) error {
	v := reflect.ValueOf(out).Elem()
	status := encodeBindings(w, op, v)
	payload := planFor(v.Type(), api.RestJSON).payload
	switch {
	case payload == nil:
		return sendREST(w, status, "application/json", appendJSONStruct(nil, v))
	case v.Field(payload.index).IsNil():
		return sendREST(w, status, "application/json", nil)
	}
	return encodePayload(w, status, v.Field(payload.index))
}

func encodePayload(w http.ResponseWriter, status int, v reflect.Value) error {
	switch {
	case v.Kind() == reflect.Slice:
		return sendREST(w, status, "application/octet-stream", v.Bytes())
	case v.Elem().Kind() == reflect.String:
		return sendREST(w, status, "text/plain; charset=utf-8", []byte(v.Elem().String()))
	}
	return sendREST(w, status, "application/json", appendJSONStruct(nil, v.Elem()))
}

// sendREST writes an answer; one of status 204 has no body.
func sendREST(w http.ResponseWriter, status int, contentType string, body []byte) error {
	if status == http.StatusNoContent {
		w.WriteHeader(status)
		return nil
	}
	if w.Header().Get("Content-Type") != "" {
		contentType = w.Header().Get("Content-Type") // a member of the output
	}
	return send(w, status, contentType, body)
}

func (restJSON) EncodeError(w http.ResponseWriter, _ *api.Service, _ string, err *api.Error) error {
	body := map[string]any{}
	maps.Copy(body, err.Fields)
	body["message"] = err.Message
	encoded, encodeErr := json.Marshal(body)
	if encodeErr != nil {
		return encodeErr
	}
	w.Header().Set("X-Amzn-Errortype", typeOf(err))
	return send(w, err.Status, "application/json", encoded)
}
