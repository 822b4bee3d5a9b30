package awswire

import (
	"net/http"
	"reflect"

	"apex/internal/api"
)

// ec2Query is the protocol of EC2 alone: forms in, XML out, lists without
// wrappers in requests.
type ec2Query struct{}

func (ec2Query) Decode(r *Request, _ *api.OperationInfo, in any) (int, error) {
	return decodeQuery(api.EC2Query, r, in)
}

func (ec2Query) Encode(w http.ResponseWriter, op *api.OperationInfo, requestID string, out any) error {
	e := xmlEncoder{protocol: api.EC2Query}
	root := op.Name + "Response"
	e.openRoot(root, namespaceOf(op.Service))
	e.element("requestId", requestID)
	if v := reflect.ValueOf(out).Elem(); v.NumField() == 0 {
		e.element("return", "true") // what EC2 says when there is nothing to say
	} else {
		e.members(v)
	}
	e.close(root)
	return send(w, http.StatusOK, xmlType, e.Bytes())
}

func (ec2Query) EncodeError(w http.ResponseWriter, _ *api.Service, requestID string, err *api.Error) error {
	var e xmlEncoder
	e.openRoot("Response", "")
	e.WriteString("<Errors><Error>")
	e.errorMembers(err)
	e.WriteString("</Error></Errors>")
	e.element("RequestID", requestID)
	e.close("Response")
	return send(w, err.Status, xmlType, e.Bytes())
}
