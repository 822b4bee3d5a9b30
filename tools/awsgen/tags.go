package main

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// maxEnumChecked bounds the enums whose values a field's tag lists: longer ones
// grow with every month and are better checked by the service.
const maxEnumChecked = 60

// goType returns the Go type of a shape; members that are no list, map or blob
// are pointers, so that absent differs from zero.
func (p *Package) goType(name string, member bool) (string, error) {
	shape := p.model.Shapes[name]
	scalar := map[string]string{
		"string": "string", "character": "string", "integer": "int64", "long": "int64",
		"float": "float64", "double": "float64", "boolean": "bool", "timestamp": "time.Time",
		"structure": exported(name),
	}
	if goType, ok := scalar[shape.Type]; ok {
		if member {
			return "*" + goType, nil
		}
		return goType, nil
	}
	switch shape.Type {
	case "blob":
		return "[]byte", nil
	case "list":
		elem, err := p.goType(shape.Member.Shape, false)
		return "[]" + elem, err
	case "map":
		elem, err := p.goType(shape.Value.Shape, false)
		return "map[string]" + elem, err
	}
	return "", fmt.Errorf("shape %s: unknown type %q", name, shape.Type)
}

// fieldTag returns the struct tag of a member: wire says how it is named and
// laid out, check and enum what an input's value must satisfy.
func (p *Package) fieldTag(structure string, member Member) (string, error) {
	var tags []string
	wire, err := p.wireTag(structure, member)
	if err != nil {
		return "", fmt.Errorf("%s.%s: %w", structure, member.Name, err)
	}
	if wire != "" {
		tags = append(tags, `wire:"`+wire+`"`)
	}
	if p.inputs[structure] {
		tags = append(tags, p.checkTags(structure, member)...)
	}
	if len(tags) == 0 {
		return "", nil
	}
	return " `" + strings.Join(tags, " ") + "`", nil
}

// wireTag returns "name,option,…", or nothing where the field's own name and the
// protocol's defaults say it all.
func (p *Package) wireTag(structure string, member Member) (string, error) {
	ref := member.Ref
	if ref.Location != "" && !p.isREST() {
		return "", fmt.Errorf("location %s: the protocol %s has none", ref.Location, p.model.Metadata.Protocol)
	}
	name := cmp.Or(ref.LocationName, member.Name)
	options := p.layoutOptions(ref)
	if query := p.queryName(member); query != upperFirst(name) && p.model.Metadata.Protocol == "ec2" {
		options = append(options, "query="+query)
	}
	if p.movedToJSON() {
		options = append(options, p.legacyName(member)...)
	}
	if ref.Location != "" {
		options = append(options, "in="+ref.Location)
	}
	if p.model.Shapes[structure].Payload == member.Name {
		options = append(options, "payload")
	}
	if ref.IdempotencyToken {
		options = append(options, "token")
	}
	if p.model.Shapes[ref.Shape].Sensitive {
		options = append(options, "secret")
	}
	if name == exported(member.Name) && len(options) == 0 {
		return "", nil
	}
	return strings.Join(append([]string{name}, options...), ","), nil
}

// legacyName returns how a member was named in the query protocol, where that
// differs.
func (p *Package) legacyName(member Member) []string {
	if name, ok := p.service.Query[member.Name]; ok {
		return strings.Split("query="+name, ",")
	}
	if shape := p.model.Shapes[member.Ref.Shape]; shape.Type == "list" && p.model.Shapes[shape.Member.Shape].Type == "structure" {
		return []string{"query=" + shape.Member.Shape}
	}
	return nil
}

// layoutOptions returns how a list, map or timestamp departs from its protocol's
// defaults.
func (p *Package) layoutOptions(ref Ref) []string {
	var options []string
	shape := p.model.Shapes[ref.Shape]
	if shape.Type == "list" {
		if item := cmp.Or(shape.Member.LocationName, "member"); item != p.defaultItem() {
			options = append(options, "item="+item)
		}
	}
	if shape.Type == "map" {
		if key := shape.Key.LocationName; key != "" {
			options = append(options, "key="+key)
		}
		if value := shape.Value.LocationName; value != "" {
			options = append(options, "value="+value)
		}
	}
	if shape.Flattened || ref.Flattened {
		options = append(options, "flat")
	}
	if format := cmp.Or(ref.TimestampFormat, shape.TimestampFormat); format != "" {
		options = append(options, "time="+format)
	}
	return options
}

// defaultItem returns the name of a list's element that most lists of the
// protocol have, which tags leave out.
func (p *Package) defaultItem() string {
	if p.model.Metadata.Protocol == "ec2" {
		return "item"
	}
	return "member"
}

// queryName returns the name of a member in a request of the EC2 protocol.
func (p *Package) queryName(member Member) string {
	if member.Ref.QueryName != "" {
		return member.Ref.QueryName
	}
	return upperFirst(cmp.Or(member.Ref.LocationName, member.Name))
}

func (p *Package) checkTags(structure string, member Member) []string {
	var checks, tags []string
	if slices.Contains(p.model.Shapes[structure].Required, member.Name) {
		checks = append(checks, "required")
	}
	shape := p.model.Shapes[member.Ref.Shape]
	if shape.Min != nil && (*shape.Min != 0 || isNumber(shape.Type)) {
		checks = append(checks, "min="+number(*shape.Min))
	}
	if shape.Max != nil {
		checks = append(checks, "max="+number(*shape.Max))
	}
	if len(checks) > 0 {
		tags = append(tags, `check:"`+strings.Join(checks, ",")+`"`)
	}
	if shape.Type == "list" {
		shape = p.model.Shapes[shape.Member.Shape]
	}
	if n := len(shape.Enum); n > 0 && n <= maxEnumChecked {
		tags = append(tags, `enum:"`+strings.Join(shape.Enum, "|")+`"`)
	}
	return tags
}

// isNumber tells the types whose bounds are of the value: those of the others are
// of its length, which is never below zero.
func isNumber(shapeType string) bool {
	return slices.Contains([]string{"integer", "long", "float", "double"}, shapeType)
}

func number(f float64) string { return strconv.FormatFloat(f, 'f', -1, 64) }
