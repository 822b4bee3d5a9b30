package awswire

import (
	"fmt"
	"maps"
	"net/http"
	"reflect"
	"slices"

	"apex/internal/api"
)

// xmlType is the content type of the query protocols' answers.
const xmlType = "text/xml;charset=UTF-8"

// awsQuery is the protocol of AWS's older services: forms in, XML out.
type awsQuery struct{}

func (awsQuery) Decode(r *Request, _ *api.OperationInfo, in any) (int, error) {
	return decodeQuery(api.Query, r, in)
}

func (awsQuery) Encode(w http.ResponseWriter, op *api.OperationInfo, requestID string, out any) error {
	e := xmlEncoder{protocol: api.Query}
	root := op.Name + "Response"
	e.openRoot(root, namespaceOf(op.Service))
	if op.ResultWrapper != "" {
		e.open(op.ResultWrapper)
		e.members(reflect.ValueOf(out).Elem())
		e.close(op.ResultWrapper)
	}
	e.open("ResponseMetadata")
	e.element("RequestId", requestID)
	e.close("ResponseMetadata")
	e.close(root)
	return send(w, http.StatusOK, xmlType, e.Bytes())
}

func (awsQuery) EncodeError(w http.ResponseWriter, service *api.Service, requestID string, err *api.Error) error {
	return send(w, err.Status, xmlType, errorDocument(service, requestID, err))
}

// errorDocument is how an error is written by the protocols that answer in XML,
// but EC2's.
func errorDocument(service *api.Service, requestID string, err *api.Error) []byte {
	var e xmlEncoder
	e.openRoot("ErrorResponse", namespaceOf(service))
	e.open("Error")
	e.element("Type", sender(err.Status))
	e.errorMembers(err)
	e.close("Error")
	e.element("RequestId", requestID)
	e.close("ErrorResponse")
	return e.Bytes()
}

// sender says whose fault an error is.
func sender(status int) string {
	if status >= http.StatusInternalServerError {
		return "Receiver"
	}
	return "Sender"
}

func (e *xmlEncoder) errorMembers(err *api.Error) {
	e.element("Code", err.Code)
	e.element("Message", err.Message)
	for _, name := range slices.Sorted(maps.Keys(err.Fields)) {
		e.element(name, fmt.Sprint(err.Fields[name]))
	}
}

// namespaceOf returns the XML namespace of a service; an error may have none.
func namespaceOf(service *api.Service) string {
	if service == nil {
		return ""
	}
	return service.XMLNamespace
}

// send writes a whole answer.
func send(w http.ResponseWriter, status int, contentType string, body []byte) error {
	w.Header().Set("Content-Type", contentType)
	w.WriteHeader(status)
	_, err := w.Write(body)
	return err
}
