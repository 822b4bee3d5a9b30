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

// unserved are services that people call beside those of a region. Their calls
// come here too, to be refused, and do not leave for AWS.
var unserved = []string{
	"apigateway", "autoscaling", "backup", "batch", "cloudformation", "cloudtrail", "codebuild", "codedeploy", "codepipeline",
	"config", "dynamodb", "efs", "eks", "kinesis", "lambda", "organizations", "resourcegroupstaggingapi", "servicediscovery",
	"ses", "sesv2", "sso", "stepfunctions", "cognito-idp", "service-quotas", "events", "scheduler", "sqs", "ssm", "kms",
	"route53", "cloudfront", "wafv2", "xray",
}

// anyVersion sorts behind every version of an API: a client takes the newest.
const anyVersion = "9999-12-31"

// WriteClientData fills dir, meant for AWS_DATA_PATH, with what sends the AWS CLI
// and other Python clients to url. They need it where they know no
// AWS_ENDPOINT_URL, which the CLI learnt in 2.13: Debian 12 has 2.9. For each
// service it is a rule set that has one endpoint whatever the region.
func WriteClientData(dir, url string, routes []api.Route) error {
	names := map[string]bool{}
	for _, name := range unserved {
		names[name] = true
	}
	for _, route := range routes {
		name := route.Info.Service.Name
		names[cmp.Or(cliNames[name], name)] = true
	}
	for name := range names {
		rules, err := ruleSet(name, url)
		if err == nil {
			err = replace(filepath.Join(dir, name, anyVersion), "endpoint-rule-set-1.json", rules)
		}
		if err != nil {
			return fmt.Errorf("write client data of %s: %w", name, err)
		}
	}
	return nil
}

type object = map[string]any

// ruleSet writes a service's rules. S3's also place the bucket, in the path.
func ruleSet(name, url string) ([]byte, error) {
	parameters, rules := object{}, []object{endpointRule(url, object{})}
	if name == "s3" {
		parameters["Bucket"] = object{"type": "String", "required": false, "documentation": ""}
		parameters["Region"] = object{"type": "String", "required": false, "documentation": "", "builtIn": "AWS::Region"}
		signing := object{"authSchemes": []object{{"name": "sigv4", "signingName": "s3", "signingRegion": "{Region}", "disableDoubleEncoding": true}}}
		rules = []object{
			endpointRule(url+"/{Bucket}", signing, object{"fn": "isSet", "argv": []object{{"ref": "Bucket"}}}),
			endpointRule(url, signing),
		}
	}
	return json.Marshal(object{"version": "1.0", "parameters": parameters, "rules": rules})
}

func endpointRule(url string, properties object, conditions ...object) object {
	return object{
		"type": "endpoint", "conditions": append([]object{}, conditions...),
		"endpoint": object{"url": url, "properties": properties, "headers": object{}},
	}
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
