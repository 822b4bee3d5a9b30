package ecs

import (
	"regexp"
	"strconv"
	"strings"

	"apex/internal/api"
	"apex/internal/api/ecsapi"
	"apex/internal/arn"
	"apex/internal/store"
)

// defaultCluster is meant when a call names none.
const defaultCluster = "default"

// scalingReason is what AWS says of tasks that their service ended.
const scalingReason = "Scaling activity initiated by deployment"

var (
	nameRule   = regexp.MustCompile(`^[A-Za-z0-9_-]{1,255}$`)
	taskIDRule = regexp.MustCompile(`^[0-9a-f]{32}$`)
)

func scopeOf(call *api.Call) arn.Scope { return arn.Scope{Account: call.Account, Region: call.Region} }

// refer takes the part of an ARN behind its kind ("cluster/main" gives "main"),
// or the text itself if it is none. An ARN of another scope names nothing here.
func refer(scope arn.Scope, kind, text string) (string, bool) {
	if !strings.HasPrefix(text, "arn:") {
		return text, true
	}
	a, err := arn.Parse(text)
	if err != nil || a.Service != "ecs" || a.Scope() != scope {
		return "", false
	}
	return strings.CutPrefix(a.Resource, kind+"/")
}

// findCluster finds the cluster that a call names or means.
func findCluster(r store.Reader, scope arn.Scope, ref *string) (Cluster, error) {
	name, ok := refer(scope, "cluster", api.Or(ref, defaultCluster))
	c, known := Clusters.Get(r, clusterKey(scope, name))
	if !ok || !known || c.Spec.Inactive {
		return Cluster{}, ecsapi.NewClusterNotFoundException("Cluster not found.")
	}
	return c, nil
}

// serviceName takes the name from a service's name or ARN.
func serviceName(scope arn.Scope, cluster, ref string) string {
	name, ok := refer(scope, "service", ref)
	if !ok {
		return ""
	}
	if in, bare, found := strings.Cut(name, "/"); found {
		if in != cluster {
			return ""
		}
		return bare
	}
	return name
}

// taskID takes the id from a task's id or ARN.
func taskID(scope arn.Scope, cluster, ref string) string {
	name, ok := refer(scope, "task", ref)
	if !ok {
		return ""
	}
	if in, id, found := strings.Cut(name, "/"); found {
		if in != cluster {
			return ""
		}
		name = id
	}
	if !taskIDRule.MatchString(name) {
		return ""
	}
	return name
}

// findDefinition finds a task definition by family, family:revision or ARN; of a
// family alone the newest that is active.
func findDefinition(r store.Reader, scope arn.Scope, ref string) (Definition, error) {
	missing := ecsapi.NewClientException("Unable to describe task definition.")
	name, ok := refer(scope, "task-definition", ref)
	if !ok {
		return Definition{}, missing
	}
	family, number, exact := strings.Cut(name, ":")
	if exact {
		revision, err := strconv.ParseInt(number, 10, 64)
		d, known := Definitions.Get(r, definitionKey(scope, family, revision))
		if err != nil || !known {
			return Definition{}, missing
		}
		return d, nil
	}
	var newest *Definition
	for _, d := range Definitions.Prefix(r, scope.Key(family+":")) {
		if api.Val(d.Definition.Status) == ecsapi.TaskDefinitionStatusActive {
			newest = &d
		}
	}
	if newest == nil {
		return Definition{}, missing
	}
	return *newest, nil
}

// runnable finds a task definition that tasks may be started from.
func runnable(r store.Reader, scope arn.Scope, ref string) (Definition, error) {
	d, err := findDefinition(r, scope, ref)
	if err != nil {
		return Definition{}, ecsapi.NewClientException("TaskDefinition not found.")
	}
	if api.Val(d.Definition.Status) != ecsapi.TaskDefinitionStatusActive {
		return Definition{}, ecsapi.NewClientException("TaskDefinition is inactive")
	}
	return d, nil
}

func invalid(format string, args ...any) error {
	return ecsapi.NewInvalidParameterException(format, args...)
}
