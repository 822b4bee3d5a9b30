package awswire

import (
	"errors"
	"net/http"

	"apex/internal/api"
)

// A Protocol reads requests and writes answers. Implementations hold no state.
type Protocol interface {
	// Decode fills in, a pointer to the operation's input, and returns how many
	// members the request has that in does not know.
	Decode(r *Request, op *api.OperationInfo, in any) (unknown int, err error)
	// Encode writes the answer of a call that succeeded.
	Encode(w http.ResponseWriter, op *api.OperationInfo, requestID string, out any) error
	// EncodeError writes the answer of a call that failed.
	EncodeError(w http.ResponseWriter, service *api.Service, requestID string, err *api.Error) error
}

// Of returns the implementation of a protocol, or nil for one not spoken yet.
func Of(name api.Protocol) Protocol {
	switch name {
	case api.EC2Query:
		return ec2Query{}
	case api.Query:
		return awsQuery{}
	case api.JSON:
		return awsJSON{}
	case api.RestJSON:
		return restJSON{}
	case api.RestXML:
		return restXML{}
	case api.RPCv2CBOR:
		return rpcv2CBOR{}
	}
	return nil
}

// An InputError is a request that no input could be read from.
type InputError struct {
	Member string // the path of the member at fault; empty for the request as a whole
	Fault  string
}

func (e *InputError) Error() string {
	if e.Member == "" {
		return "read request: " + e.Fault
	}
	return "read member " + e.Member + ": " + e.Fault
}

// Refusal turns an error of Decode into what the service's protocol family
// answers for it.
func Refusal(service *api.Service, err error) *api.Error {
	var input *InputError
	if !errors.As(err, &input) {
		return api.Errorf("InternalFailure", http.StatusInternalServerError, "the request could not be read")
	}
	switch {
	case service.Protocol == api.JSON, service.Protocol == api.RestJSON:
		return api.Invalid("SerializationException", "%s", input)
	case service.Protocol == api.EC2Query && input.Member != "":
		return api.Invalid("InvalidParameterValue", "%s", input)
	default:
		return api.Invalid("MalformedInput", "%s", input)
	}
}
