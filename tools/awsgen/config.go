package main

import (
	"encoding/json"
	"fmt"
	"os"
	"slices"

	"github.com/goccy/go-yaml"
)

// A Service is one entry of operations.yaml.
type Service struct {
	Name      string   `yaml:"name"`      // package internal/api/<name>api
	Model     string   `yaml:"model"`     // folder under models/apis
	Signing   string   `yaml:"signing"`   // SigV4 scope, where the model has none and its prefix differs
	Also      []string `yaml:"also"`      // protocols that it speaks beside the model's
	Target    string   `yaml:"target"`    // the target prefix of those, where the model has none
	JSON      string   `yaml:"json"`      // the version of awsJson among those
	Namespace string   `yaml:"namespace"` // of its XML, where the model gives it by operation or not at all
	// Of a service that moved from the query protocol to JSON: how its members were
	// named, with "key=" and "value=" for maps. A list of structures bore the
	// structure's name.
	Query      map[string]string `yaml:"query"`
	Operations []string          `yaml:"operations"`
}

func readServices(path string) ([]Service, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	var services []Service
	if err := yaml.UnmarshalWithOptions(data, &services, yaml.Strict()); err != nil {
		return nil, fmt.Errorf("read %s: %w", path, err)
	}
	for _, service := range services {
		if twice := repeated(service.Operations); twice != "" {
			return nil, fmt.Errorf("read %s: %s: %s is listed twice", path, service.Name, twice)
		}
	}
	return services, nil
}

// repeated returns an item that list has more than once, or nothing.
func repeated(list []string) string {
	seen := map[string]bool{}
	for _, item := range list {
		if seen[item] {
			return item
		}
		seen[item] = true
	}
	return ""
}

// An Overlay adds to a model what AWS published after it: operations and shapes
// that it lacks, members of shapes that it has, values of enums.
type Overlay struct {
	Operations map[string]*Operation `json:"operations"`
	Shapes     map[string]*Shape     `json:"shapes"`
}

func readOverlays(path string) (map[string]Overlay, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	// By way of JSON, so that an overlay reads exactly as a model does.
	asJSON, err := yaml.YAMLToJSON(data)
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", path, err)
	}
	overlays := map[string]Overlay{}
	if err := json.Unmarshal(asJSON, &overlays); err != nil {
		return nil, fmt.Errorf("read %s: %w", path, err)
	}
	return overlays, nil
}

// apply adds the overlay to the model. What the model has already is an error:
// the overlay's entry is then out of date.
func (o Overlay) apply(model *Model) error {
	for name, operation := range o.Operations {
		if _, known := model.Operations[name]; known {
			return fmt.Errorf("operation %s: the model has it", name)
		}
		operation.Name = name
		model.Operations[name] = operation
	}
	for name, shape := range o.Shapes {
		known, ok := model.Shapes[name]
		if !ok {
			model.Shapes[name] = shape
			continue
		}
		if err := known.extend(shape); err != nil {
			return fmt.Errorf("shape %s: %w", name, err)
		}
	}
	return nil
}

func (s *Shape) extend(by *Shape) error {
	for _, member := range by.Members {
		if slices.ContainsFunc(s.Members, func(m Member) bool { return m.Name == member.Name }) {
			return fmt.Errorf("member %s: the model has it", member.Name)
		}
		s.Members = append(s.Members, member)
	}
	for _, value := range by.Enum {
		if slices.Contains(s.Enum, value) {
			return fmt.Errorf("value %s: the model has it", value)
		}
		s.Enum = append(s.Enum, value)
	}
	return nil
}
