package clients

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// folders are where AWS's models of the services are, by the SDK's module, where
// the names differ.
var folders = map[string]string{
	"cloudwatchlogs": "logs", "cloudwatch": "monitoring", "applicationautoscaling": "application-autoscaling",
}

// common are codes that every operation of a family may answer, which models do
// not list.
var common = []string{
	"AccessDenied", "AccessDeniedException", "AuthFailure", "InvalidParameterCombination", "InvalidParameterCombinationException",
	"InvalidParameterValue", "InvalidParameterValueException", "MalformedInput", "MissingParameter", "SerializationException",
	"ThrottlingException", "UnauthorizedOperation", "ValidationError", "ValidationException", "UnsupportedOperation",
	"InvalidConfigurationRequest",   // of load balancing: what is not built
	"UnsupportedOperationException", // of KMS: what is not built
}

// unmodelled are errors that AWS answers and its models lack.
var unmodelled = []string{"DescribeExportTasks ResourceNotFoundException"}

// legacy begins the codes that SQS keeps from its older protocol.
const legacy = "AWS.SimpleQueueService."

// A model says which errors each operation may answer.
type model struct {
	Operations map[string]struct {
		Errors []struct{ Shape string }
	}
	Shapes map[string]struct {
		Error struct{ Code string }
	}
}

// modelled reports whether a code is one that AWS's model has for the operation.
// EC2 models none.
func (m *model) modelled(operation, code string) bool {
	op, ok := m.Operations[operation]
	if !ok || len(op.Errors) == 0 || slices.Contains(unmodelled, operation+" "+code) {
		return true
	}
	code = strings.TrimPrefix(strings.Replace(code, legacy+"NonExistentQueue", "QueueDoesNotExist", 1), legacy)
	for _, e := range op.Errors {
		if e.Shape == code || m.Shapes[e.Shape].Error.Code == code {
			return true
		}
	}
	return slices.Contains(common, code)
}

// models reads AWS's models of the clients' services from the module cache.
func models(t *testing.T, clients []client) map[string]*model {
	t.Helper()
	list := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", "github.com/aws/aws-sdk-go")
	list.Dir = "../../tools/awsgen"
	out, err := list.Output()
	root := strings.TrimSpace(string(out))
	if err != nil || root == "" {
		t.Logf("NOT CHECKED: AWS's models are not in the module cache: %v", err)
		return nil
	}
	found := map[string]*model{}
	for _, c := range clients {
		if c.module == "s3" {
			continue // a few of its operations name one of their errors
		}
		folder := c.module
		if f := folders[c.module]; f != "" {
			folder = f
		}
		files, _ := filepath.Glob(filepath.Join(root, "models/apis", folder, "*/api-2.json"))
		if len(files) == 0 {
			t.Errorf("%s: no model in %s", c.module, folder)
			continue
		}
		text, err := os.ReadFile(files[len(files)-1])
		if err != nil {
			t.Fatal(err)
		}
		found[c.module] = new(model)
		if err := json.Unmarshal(text, found[c.module]); err != nil {
			t.Fatal(err)
		}
	}
	return found
}
