package awswire

import (
	"maps"
	"net/http"
	"reflect"
	"slices"
	"strings"

	"apex/internal/api"
)

// cborType is the content type of rpcv2Cbor, both ways.
const cborType = "application/cbor"

// rpcv2CBOR is the protocol of AWS's newest clients: the operation in the path,
// CBOR in and out (Smithy RPC v2 CBOR).
type rpcv2CBOR struct{}

func (rpcv2CBOR) Decode(r *Request, _ *api.OperationInfo, in any) (int, error) {
	return decodeCBOR(r.Body, in)
}

func (rpcv2CBOR) Encode(w http.ResponseWriter, _ *api.OperationInfo, _ string, out any) error {
	return sendCBOR(w, http.StatusOK, appendCBORStruct(nil, reflect.ValueOf(out).Elem()))
}

func (rpcv2CBOR) EncodeError(w http.ResponseWriter, service *api.Service, _ string, err *api.Error) error {
	body := appendCBORHead(nil, cborMap, uint64(len(err.Fields)+2))
	body = appendCBORText(body, "__type")
	body = appendCBORText(body, typeOf(err))
	body = appendCBORText(body, "message")
	body = appendCBORText(body, err.Message)
	for _, name := range slices.Sorted(maps.Keys(err.Fields)) {
		body = appendCBORText(body, name)
		body = appendCBORAny(body, err.Fields[name])
	}
	setQueryError(w, service, err)
	return sendCBOR(w, err.Status, body)
}

func sendCBOR(w http.ResponseWriter, status int, body []byte) error {
	w.Header().Set("Smithy-Protocol", "rpc-v2-cbor")
	return send(w, status, cborType, body)
}

// typeOf returns the name of an error's shape.
func typeOf(err *api.Error) string {
	if err.Type != "" {
		return err.Type
	}
	return err.Code
}

// setQueryError tells clients that knew a service's query protocol the code that
// it had there.
func setQueryError(w http.ResponseWriter, service *api.Service, err *api.Error) {
	if service != nil && (service.Protocol == api.Query || slices.Contains(service.Also, api.Query)) {
		w.Header().Set("X-Amzn-Query-Error", err.Code+";"+sender(err.Status))
	}
}

// rpcTarget reads "/service/NAME/operation/NAME".
func rpcTarget(path string) (Target, error) {
	t := Target{Protocol: api.RPCv2CBOR}
	_, names, found := strings.Cut(path, "/service/")
	service, operation, ok := strings.Cut(names, "/operation/")
	if !found || !ok || service == "" || operation == "" || strings.Contains(operation, "/") {
		return t, &InputError{Fault: "the path is not /service/NAME/operation/NAME"}
	}
	t.Prefix, t.Operation = service, operation
	return t, nil
}
