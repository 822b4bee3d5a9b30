package cli

import (
	"fmt"
	"strings"

	"apex/internal/stack"
)

type validateCmd struct {
	File string `short:"f" help:"The stack file." default:"apex.yaml" type:"path" placeholder:"FILE"`
}

// Run checks the file and says which environments it holds.
func (c validateCmd) Run(a *app) error {
	file, err := loadFile(c.File)
	if err != nil {
		return err
	}
	s, err := file.Stack("")
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(a.stdout, "%s: right in %s (%s)\n", s.Name, strings.Join(file.Environments(), ", "), plural(len(s.Services), "service"))
	return err
}

type stackCmd struct{ stackFlags }

// Run prints each resource with its fields, in the order in which up makes them.
func (c stackCmd) Run(a *app) error {
	_, g, err := c.build()
	if err != nil {
		return err
	}
	_, err = fmt.Fprint(a.stdout, g)
	return err
}

type schemaCmd struct{}

// Run prints the schema.
func (schemaCmd) Run(a *app) error {
	_, err := a.stdout.Write(stack.Schema())
	return err
}
