package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
)

// A Model is an API model, with the keys of api-2.json.
type Model struct {
	Metadata   Metadata              `json:"metadata"`
	Operations map[string]*Operation `json:"operations"`
	Shapes     map[string]*Shape     `json:"shapes"`
}

// Metadata describes the service.
type Metadata struct {
	APIVersion      string `json:"apiVersion"`
	EndpointPrefix  string `json:"endpointPrefix"`
	JSONVersion     string `json:"jsonVersion"`
	Protocol        string `json:"protocol"`
	ServiceFullName string `json:"serviceFullName"`
	ServiceID       string `json:"serviceId"`
	SigningName     string `json:"signingName"`
	TargetPrefix    string `json:"targetPrefix"`
	XMLNamespace    string `json:"xmlNamespace"`
}

// An Operation names the shapes of its input, output and errors.
type Operation struct {
	Name   string `json:"name"`
	HTTP   HTTP   `json:"http"`
	Input  *Ref   `json:"input"`
	Output *Ref   `json:"output"`
	Errors []Ref  `json:"errors"`
}

// HTTP is an operation's binding in the REST protocols.
type HTTP struct {
	Method       string `json:"method"`
	RequestURI   string `json:"requestUri"`
	ResponseCode int    `json:"responseCode"`
}

// A Ref is a use of a shape: as a member, a list's element, an input.
type Ref struct {
	Shape            string `json:"shape"`
	LocationName     string `json:"locationName"`
	QueryName        string `json:"queryName"`
	Flattened        bool   `json:"flattened"`
	TimestampFormat  string `json:"timestampFormat"`
	IdempotencyToken bool   `json:"idempotencyToken"`
	ResultWrapper    string `json:"resultWrapper"`
	Location         string `json:"location"`
	EventStream      bool   `json:"eventstream"`
}

// A Shape is one type of the model.
type Shape struct {
	Type            string     `json:"type"`
	Members         Members    `json:"members"`
	Member          *Ref       `json:"member"`
	Key             *Ref       `json:"key"`
	Value           *Ref       `json:"value"`
	Required        []string   `json:"required"`
	Enum            []string   `json:"enum"`
	Min             *float64   `json:"min"`
	Max             *float64   `json:"max"`
	Flattened       bool       `json:"flattened"`
	Sensitive       bool       `json:"sensitive"`
	TimestampFormat string     `json:"timestampFormat"`
	Exception       bool       `json:"exception"`
	Fault           bool       `json:"fault"`
	Error           *ErrorInfo `json:"error"`
	EventStream     bool       `json:"eventstream"`
	Payload         string     `json:"payload"` // the member that is all of the body
}

// ErrorInfo is how an error shape appears on the wire.
type ErrorInfo struct {
	Code   string `json:"code"`
	Status int    `json:"httpStatusCode"`
}

// A Member is one member of a structure.
type Member struct {
	Name string
	Ref  Ref
}

// Members are a structure's members in the model's order, which is the order
// they have in answers.
type Members []Member

// UnmarshalJSON reads an object and keeps the order of its keys.
func (m *Members) UnmarshalJSON(data []byte) error {
	dec := json.NewDecoder(bytes.NewReader(data))
	if _, err := dec.Token(); err != nil {
		return err
	}
	for dec.More() {
		key, err := dec.Token()
		if err != nil {
			return err
		}
		member := Member{Name: key.(string)}
		if err := dec.Decode(&member.Ref); err != nil {
			return fmt.Errorf("member %s: %w", member.Name, err)
		}
		*m = append(*m, member)
	}
	return nil
}

func readModel(path string) (*Model, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	model := new(Model)
	if err := json.Unmarshal(data, model); err != nil {
		return nil, fmt.Errorf("read model %s: %w", path, err)
	}
	return model, nil
}
