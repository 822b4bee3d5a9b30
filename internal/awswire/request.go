package awswire

import (
	"mime"
	"net/http"
	"strings"

	"apex/internal/api"
)

// A Request is an HTTP request whose body has been read.
type Request struct {
	Method   string
	Path     string // names the operation of rpcv2Cbor and, with Method and RawQuery, of the REST protocols
	RawPath  string // Path as it was sent, if that differs: an escaped slash is no separator
	RawQuery string
	Header   http.Header
	Body     []byte

	params   params
	paramErr error
	parsed   bool
}

// A Target is what a request asks for, before it is known who serves it.
type Target struct {
	Protocol  api.Protocol // JSON, RPCv2CBOR or Query, which stands for EC2Query too; empty if none is recognised
	Operation string
	Version   string // the query protocols' API version
	Prefix    string // the JSON protocols' target prefix, which rpcv2Cbor has in its path
}

// Target reads what the request asks for.
func (r *Request) Target() (Target, error) {
	if target := r.Header.Get("X-Amz-Target"); target != "" {
		dot := strings.LastIndexByte(target, '.')
		if dot < 0 {
			return Target{Protocol: api.JSON}, &InputError{Fault: "X-Amz-Target has no operation"}
		}
		return Target{Protocol: api.JSON, Prefix: target[:dot], Operation: target[dot+1:]}, nil
	}
	if r.Header.Get("Smithy-Protocol") == "rpc-v2-cbor" {
		return rpcTarget(r.Path)
	}
	all, err := r.parameters()
	if err != nil {
		return Target{Protocol: api.Query}, err
	}
	top := node{run: all}
	t := Target{Operation: top.childValue("Action"), Version: top.childValue("Version")}
	if t.Operation != "" {
		t.Protocol = api.Query
	}
	return t, nil
}

// escapedPath returns the path as it was sent.
func (r *Request) escapedPath() string {
	if r.RawPath != "" {
		return r.RawPath
	}
	return r.Path
}

// parameters returns the parameters of the form in the body and of the query
// string.
func (r *Request) parameters() (params, error) {
	if !r.parsed {
		r.parsed = true
		form := ""
		if kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type")); kind == "application/x-www-form-urlencoded" {
			form = string(r.Body)
		}
		r.params, r.paramErr = parseParams(form, r.RawQuery)
	}
	return r.params, r.paramErr
}
