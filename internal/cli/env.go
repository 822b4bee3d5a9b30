package cli

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"apex/internal/region"
)

type envCmd struct {
	Shell string `help:"sh, fish, powershell or json." enum:"sh,fish,powershell,json" default:"sh"`
}

// Run prints the variables in the shell's words.
func (c envCmd) Run(a *app) error {
	home, err := region.HomeFromEnv()
	if err != nil {
		return err
	}
	vars, err := variables(home)
	if err != nil {
		return err
	}
	if c.Shell == "json" {
		object := map[string]string{}
		for _, v := range vars {
			object[v.name] = v.value
		}
		return writeJSON(a.stdout, object)
	}
	if c.Shell == "sh" && (os.Getenv("AWS_SESSION_TOKEN") != "" || os.Getenv("AWS_PROFILE") != "") {
		fmt.Fprintln(a.stdout, "unset AWS_SESSION_TOKEN AWS_PROFILE") // they would go with another key
	}
	for _, v := range vars {
		fmt.Fprintln(a.stdout, v.export(c.Shell))
	}
	return nil
}

// A variable of the environment.
type variable struct{ name, value string }

// variables are what AWS clients need to reach the region as its administrator.
// AWS_DATA_PATH is for those that know no AWS_ENDPOINT_URL. Some operations would
// put a word before the endpoint's name, which is an address here.
func variables(home region.Home) ([]variable, error) {
	c, err := administrator(home)
	if err != nil {
		return nil, err
	}
	return []variable{
		{"AWS_ENDPOINT_URL", c.Endpoint},
		{"AWS_REGION", c.Region},
		{"AWS_DEFAULT_REGION", c.Region},
		{"AWS_ACCESS_KEY_ID", c.AccessKeyID},
		{"AWS_SECRET_ACCESS_KEY", c.SecretAccessKey},
		{"AWS_DATA_PATH", filepath.Join(home.Dir, "aws")},
		{"AWS_DISABLE_HOST_PREFIX_INJECTION", "true"},
	}, nil
}

func (v variable) export(shell string) string {
	switch shell {
	case "fish":
		return fmt.Sprintf("set -gx %s '%s'", v.name, strings.NewReplacer(`\`, `\\`, `'`, `\'`).Replace(v.value))
	case "powershell":
		return fmt.Sprintf("$Env:%s = '%s'", v.name, strings.ReplaceAll(v.value, "'", "''"))
	}
	return fmt.Sprintf("export %s='%s'", v.name, strings.ReplaceAll(v.value, "'", `'\''`))
}
