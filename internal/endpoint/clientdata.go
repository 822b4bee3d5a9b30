package endpoint

import (
	"cmp"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"

	"apex/internal/api"
)

// cliNames are the services that the AWS CLI calls otherwise than we do.
var cliNames = map[string]string{"autoscaling": "application-autoscaling"}

// WriteClientData fills dir, meant for AWS_DATA_PATH, with what sends the AWS CLI
// and other Python clients to url. They need it where they know no
// AWS_ENDPOINT_URL, which the CLI learnt in 2.13: Debian 12 has 2.9. For each
// service it is a rule set that has one endpoint whatever the region.
func WriteClientData(dir, url string, routes []api.Route) error {
	rules, err := ruleSet(url)
	if err != nil {
		return err
	}
	seen := map[*api.Service]bool{}
	for _, route := range routes {
		service := route.Info.Service
		if seen[service] || service.Protocol == api.RestXML {
			continue // S3's rules also place the bucket: its clients need AWS_ENDPOINT_URL
		}
		seen[service] = true
		name := cmp.Or(cliNames[service.Name], service.Name)
		if err := replace(filepath.Join(dir, name, service.Version), "endpoint-rule-set-1.json", rules); err != nil {
			return fmt.Errorf("write client data of %s: %w", name, err)
		}
	}
	return nil
}

func ruleSet(url string) ([]byte, error) {
	type object = map[string]any
	return json.Marshal(object{
		"version": "1.0", "parameters": object{},
		"rules": []object{{
			"type": "endpoint", "conditions": []object{},
			"endpoint": object{"url": url, "properties": object{}, "headers": object{}},
		}},
	})
}

// replace writes a file so that a reader sees the old or the new one.
func replace(dir, name string, content []byte) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	tmp, err := os.CreateTemp(dir, name+".*")
	if err != nil {
		return err
	}
	defer os.Remove(tmp.Name())
	_, err = tmp.Write(content)
	if err := cmp.Or(err, tmp.Chmod(0o644), tmp.Close()); err != nil {
		return err
	}
	return os.Rename(tmp.Name(), filepath.Join(dir, name))
}
