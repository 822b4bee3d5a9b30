package awswire

import (
	"cmp"
	"net/http"
	"reflect"

	"apex/internal/api"
)

// restXML is the protocol of services whose operations are a method and a URI:
// members in both and in headers, the others as XML in the body. No service of
// the region that speaks it has XML attributes.
type restXML struct{}

// restXMLType is the content type of the protocol's answers.
const restXMLType = "text/xml"

func (restXML) Decode(r *Request, op *api.OperationInfo, in any) (int, error) {
	v := reflect.ValueOf(in).Elem()
	if err := decodeBindings(r, op, v); err != nil {
		return 0, err
	}
	p := planFor(v.Type(), api.RestXML)
	switch {
	case p.payload != nil:
		return decodePayload(r.Body, v.Field(p.payload.index), decodeXML)
	case len(p.byName) == 0:
		return 0, nil // what a client sends along says nothing
	}
	return decodeXML(r.Body, in)
}

func (restXML) Encode(w http.ResponseWriter, op *api.OperationInfo, requestID string, out any) error {
	v := reflect.ValueOf(out).Elem()
	w.Header().Set("x-amz-request-id", requestID)
	status := encodeBindings(w, op, v)
	payload := planFor(v.Type(), api.RestXML).payload
	switch {
	case payload == nil:
		return sendREST(w, status, restXMLType, document(op.Service, cmp.Or(v.Type().Name(), op.Name+"Response"), v))
	case v.Field(payload.index).IsNil():
		return sendREST(w, status, restXMLType, nil)
	}
	whole := v.Field(payload.index)
	if whole.Kind() == reflect.Pointer && whole.Elem().Kind() == reflect.Struct {
		return sendREST(w, status, restXMLType, document(op.Service, payload.out, whole.Elem()))
	}
	return encodePayload(w, status, whole)
}

// document writes a structure as a document.
func document(service *api.Service, root string, v reflect.Value) []byte {
	e := xmlEncoder{protocol: api.RestXML}
	e.openRoot(root, namespaceOf(service))
	e.members(v)
	e.close(root)
	return e.Bytes()
}

func (restXML) EncodeError(w http.ResponseWriter, service *api.Service, requestID string, err *api.Error) error {
	w.Header().Set("x-amz-request-id", requestID)
	return send(w, err.Status, restXMLType, errorDocument(service, requestID, err))
}
