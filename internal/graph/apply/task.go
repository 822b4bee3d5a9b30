package apply

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"

	"apex/internal/graph"
)

func (r *run) ecsTags(id graph.ID) (tags []types.Tag) {
	for k, v := range r.Graph.Tags(id) {
		tags = append(tags, types.Tag{Key: &k, Value: &v})
	}
	return tags
}

func (r *run) cluster(ctx context.Context, v graph.Cluster) (fact, Phase, error) {
	insights := "disabled"
	if v.Insights {
		insights = "enabled"
	}
	settings := []types.ClusterSetting{{Name: types.ClusterSettingNameContainerInsights, Value: &insights}}
	out, err := r.ecs.DescribeClusters(ctx, &ecs.DescribeClustersInput{Clusters: []string{v.Name}, Include: []types.ClusterField{types.ClusterFieldSettings}})
	if err != nil {
		return fact{}, "", err
	}
	for _, c := range out.Clusters {
		if aws.ToString(c.Status) != "ACTIVE" {
			continue
		}
		f := fact{ID: v.Name, ARN: *c.ClusterArn}
		for _, s := range c.Settings {
			if s.Name == types.ClusterSettingNameContainerInsights && aws.ToString(s.Value) == insights {
				return f, Unchanged, nil
			}
		}
		_, err := r.ecs.UpdateClusterSettings(ctx, &ecs.UpdateClusterSettingsInput{Cluster: &v.Name, Settings: settings})
		return f, Updated, err
	}
	made, err := r.ecs.CreateCluster(ctx, &ecs.CreateClusterInput{ClusterName: &v.Name, Settings: settings, Tags: r.ecsTags(v.ID)})
	if err != nil {
		return fact{}, "", err
	}
	return fact{ID: v.Name, ARN: *made.Cluster.ClusterArn}, Created, nil
}

// taskDefinition registers a new revision if the newest one differs.
func (r *run) taskDefinition(ctx context.Context, v graph.TaskDefinition) (fact, Phase, error) {
	want := r.definition(v)
	out, err := r.ecs.DescribeTaskDefinition(ctx, &ecs.DescribeTaskDefinitionInput{TaskDefinition: &v.Name})
	var missing *types.ClientException
	phase := Updated
	switch {
	case errors.As(err, &missing):
		phase = Created
	case err != nil:
		return fact{}, "", err
	case out.TaskDefinition.Status == types.TaskDefinitionStatusActive && sameDefinition(*out.TaskDefinition, want):
		return fact{ID: *out.TaskDefinition.TaskDefinitionArn, ARN: *out.TaskDefinition.TaskDefinitionArn}, Unchanged, nil
	}
	if r.Message != "" {
		want.Tags = append(want.Tags, types.Tag{Key: aws.String(graph.TagMessage), Value: &r.Message})
	}
	made, err := r.ecs.RegisterTaskDefinition(ctx, want)
	if err != nil {
		return fact{}, "", err
	}
	return fact{ID: *made.TaskDefinition.TaskDefinitionArn, ARN: *made.TaskDefinition.TaskDefinitionArn}, phase, nil
}

func (r *run) definition(v graph.TaskDefinition) *ecs.RegisterTaskDefinitionInput {
	image := v.ImageName
	if v.Image != "" {
		image = r.fact(v.Image).ID
	}
	c := types.ContainerDefinition{
		Name: &v.Container, Image: &image, Command: v.Command, Essential: aws.Bool(true),
		PortMappings: []types.PortMapping{{ContainerPort: aws.Int32(int32(v.Port)), Protocol: types.TransportProtocolTcp}},
		LogConfiguration: &types.LogConfiguration{LogDriver: types.LogDriverAwslogs, Options: map[string]string{
			"awslogs-group": r.fact(v.LogGroup).ID, "awslogs-region": v.Region, "awslogs-stream-prefix": v.Container,
		}},
	}
	for _, name := range slices.Sorted(maps.Keys(v.Environment)) {
		value := v.Environment[name]
		for text, id := range v.References {
			value = strings.ReplaceAll(value, text, r.referred(text, id))
		}
		c.Environment = append(c.Environment, types.KeyValuePair{Name: &name, Value: &value})
	}
	for _, name := range slices.Sorted(maps.Keys(v.Secrets)) {
		from := r.fact(v.Secrets[name].Secret).ARN
		if key := v.Secrets[name].Key; key != "" {
			from += ":" + key + "::"
		}
		c.Secrets = append(c.Secrets, types.Secret{Name: &name, ValueFrom: &from})
	}
	return &ecs.RegisterTaskDefinitionInput{
		Family: &v.Name, Cpu: aws.String(strconv.Itoa(v.CPU)), Memory: aws.String(strconv.Itoa(v.Memory)), NetworkMode: types.NetworkModeAwsvpc,
		RequiresCompatibilities: []types.Compatibility{types.CompatibilityFargate},
		ExecutionRoleArn:        aws.String(r.fact(v.ExecutionRole).ARN), TaskRoleArn: aws.String(r.fact(v.TaskRole).ARN),
		ContainerDefinitions: []types.ContainerDefinition{c}, Tags: r.ecsTags(v.ID),
	}
}

// referred is what a reference in an environment variable stands for.
func (r *run) referred(text string, id graph.ID) string {
	if text == graph.BalancerURL {
		return "http://" + r.fact(id).Host
	}
	return r.fact(id).ARN
}

// sameDefinition compares what this package sets.
func sameDefinition(have types.TaskDefinition, want *ecs.RegisterTaskDefinitionInput) bool {
	if aws.ToString(have.Cpu) != *want.Cpu || aws.ToString(have.Memory) != *want.Memory || len(have.ContainerDefinitions) != 1 ||
		aws.ToString(have.ExecutionRoleArn) != *want.ExecutionRoleArn || aws.ToString(have.TaskRoleArn) != *want.TaskRoleArn {
		return false
	}
	h, w := have.ContainerDefinitions[0], want.ContainerDefinitions[0]
	return aws.ToString(h.Image) == *w.Image && slices.Equal(h.Command, w.Command) && samePorts(h, w) &&
		maps.Equal(variables(h), variables(w)) && h.LogConfiguration != nil && maps.Equal(h.LogConfiguration.Options, w.LogConfiguration.Options)
}

func samePorts(h, w types.ContainerDefinition) bool {
	return len(h.PortMappings) == 1 && aws.ToInt32(h.PortMappings[0].ContainerPort) == aws.ToInt32(w.PortMappings[0].ContainerPort)
}

// variables are a container's environment and secrets in one map.
func variables(c types.ContainerDefinition) map[string]string {
	out := map[string]string{}
	for _, e := range c.Environment {
		out[aws.ToString(e.Name)] = aws.ToString(e.Value)
	}
	for _, s := range c.Secrets {
		out["secret "+aws.ToString(s.Name)] = aws.ToString(s.ValueFrom)
	}
	return out
}
