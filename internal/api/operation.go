package api

import (
	"context"
	"reflect"
)

// A Protocol is one of AWS's wire protocols, by the name the models use.
type Protocol string

// The protocols that AWS services speak.
const (
	EC2Query  Protocol = "ec2"
	Query     Protocol = "query"
	JSON      Protocol = "json"
	RestXML   Protocol = "rest-xml"
	RestJSON  Protocol = "rest-json"
	RPCv2CBOR Protocol = "smithy-rpc-v2-cbor"
)

// A Service describes one AWS service as its model's metadata does.
type Service struct {
	Name           string   // the generated package's name without "api": "ec2", "elbv2"
	ServiceID      string   // the model's serviceId: "EC2", "Elastic Load Balancing v2"
	SigningName    string   // the SigV4 scope: "ec2", "elasticloadbalancing"
	EndpointPrefix string   // the model's endpointPrefix
	Version        string   // the model's apiVersion: "2016-11-15"
	Protocol       Protocol // the protocol the model names
	JSONVersion    string   // "1.0" or "1.1" for awsJson, else empty
	TargetPrefix   string   // the X-Amz-Target prefix for awsJson, else empty
	XMLNamespace   string   // the namespace of XML answers, else empty
	// Also are the protocols that clients may speak beside Protocol: AWS moves its
	// older services to newer protocols and keeps the old.
	Also []Protocol
}

// An OperationInfo is what the wire needs to know of an operation without its
// types.
type OperationInfo struct {
	Service *Service
	Name    string // "CreateVpc"
	// Method and RequestURI are the HTTP binding of the REST protocols; the
	// others post to "/".
	Method, RequestURI string
	Status             int // of an answer of the REST protocols; 0 for 200
	// ResultWrapper is the element that wraps an awsQuery result, such as
	// "CreateLoadBalancerResult"; empty for the other protocols.
	ResultWrapper string
	// Input and Output are the operation's struct types.
	Input, Output reflect.Type
}

// An Operation is one operation of a service with the types of its input and
// output. Generated packages declare one for each operation served.
type Operation[In, Out any] struct {
	Service       *Service
	Name          string
	Method        string
	RequestURI    string
	Status        int
	ResultWrapper string
}

// Info returns the operation without its types.
func (o *Operation[In, Out]) Info() OperationInfo {
	return OperationInfo{
		Service: o.Service, Name: o.Name, Method: o.Method, RequestURI: o.RequestURI, Status: o.Status,
		ResultWrapper: o.ResultWrapper,
		Input:         reflect.TypeFor[In](), Output: reflect.TypeFor[Out](),
	}
}

// Handle binds the operation to the function that serves it.
func (o *Operation[In, Out]) Handle(serve func(context.Context, *Call, *In) (*Out, error)) Route {
	return Route{
		Info:     o.Info(),
		NewInput: func() any { return new(In) },
		Serve: func(ctx context.Context, call *Call, in any) (any, error) {
			out, err := serve(ctx, call, in.(*In))
			if err != nil {
				return nil, err
			}
			if out == nil {
				out = new(Out)
			}
			return out, nil
		},
		Support: Real,
	}
}

// A Sender sends one event of an answer that is a stream: the event's name in
// the model, and a pointer to its struct. It fails when the client is gone.
type Sender func(event string, payload any) error

// HandleStream binds an operation whose answer is a stream of events to the
// function that serves it. What it returns before the first event is answered as
// any error; later it ends the stream.
func (o *Operation[In, Out]) HandleStream(serve func(context.Context, *Call, *In, Sender) error) Route {
	return Route{
		Info:     o.Info(),
		NewInput: func() any { return new(In) },
		Stream: func(ctx context.Context, call *Call, in any, send Sender) error {
			return serve(ctx, call, in.(*In), send)
		},
		Support: Real,
	}
}

// A Route is an operation bound to its handler, its types erased.
type Route struct {
	Info     OperationInfo
	NewInput func() any // a pointer to a new input struct
	Serve    func(ctx context.Context, call *Call, in any) (out any, err error)
	// Stream serves instead of Serve where the answer is a stream of events.
	Stream  func(ctx context.Context, call *Call, in any, send Sender) error
	Support Support
	Note    string // one line for docs/support.md: what is stored only, or limited
}

// StoredOnly marks a route whose resource the API keeps and gives back
// faithfully while no data plane acts on it. The note says what does not happen.
func (r Route) StoredOnly(note string) Route {
	r.Support, r.Note = StoredOnly, note
	return r
}

// Limited adds a note to a route that is real in the main and lacks something.
func (r Route) Limited(note string) Route {
	r.Note = note
	return r
}

// Support says how much of an operation is real. docs/support.md is generated
// from it.
type Support string

// The grades of support.
const (
	Real       Support = "real"
	StoredOnly Support = "stored only"
)
