package awswire

import (
	"encoding/json"
	"maps"
	"net/http"
	"reflect"

	"apex/internal/api"
)

// awsJSON is the protocol of AWS's newer services: the operation in a header,
// JSON in and out. Its versions 1.0 and 1.1 differ in their content type alone.
type awsJSON struct{}

func (awsJSON) Decode(r *Request, _ *api.OperationInfo, in any) (int, error) {
	return decodeJSON(r.Body, in)
}

func (awsJSON) Encode(w http.ResponseWriter, op *api.OperationInfo, _ string, out any) error {
	return send(w, http.StatusOK, jsonType(op.Service), appendJSONStruct(nil, reflect.ValueOf(out).Elem()))
}

func (awsJSON) EncodeError(w http.ResponseWriter, service *api.Service, _ string, err *api.Error) error {
	body := map[string]any{}
	maps.Copy(body, err.Fields)
	body["__type"] = err.Code
	if err.Type != "" {
		body["__type"] = err.Type
	}
	body["message"] = err.Message
	encoded, encodeErr := json.Marshal(body)
	if encodeErr != nil {
		return encodeErr
	}
	setQueryError(w, service, err)
	return send(w, err.Status, jsonType(service), encoded)
}

func jsonType(service *api.Service) string {
	if service == nil || service.JSONVersion == "" {
		return "application/x-amz-json-1.1"
	}
	return "application/x-amz-json-" + service.JSONVersion
}
