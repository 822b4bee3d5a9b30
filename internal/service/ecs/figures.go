package ecs

import (
	"time"

	"apex/internal/api"
	"apex/internal/api/ecsapi"
	"apex/internal/arn"
	"apex/internal/dataplane/series"
	"apex/internal/store"
)

// The namespaces of CloudWatch that tasks report to.
const (
	spaceECS      = "AWS/ECS"
	spaceInsights = "ECS/ContainerInsights"
)

// A figure is one metric with its dimensions.
type figure struct {
	space, name, unit string
	of                dimensions
}

// dimensions say what a figure is of; empty ones are left out.
type dimensions struct {
	scope                                     arn.Scope
	cluster, service, family, task, container string
}

func (f figure) id() series.ID {
	labels := make([]string, 0, 10)
	for _, l := range [][2]string{
		{"ClusterName", f.of.cluster},
		{"ServiceName", f.of.service},
		{"TaskDefinitionFamily", f.of.family},
		{"TaskId", f.of.task},
		{"ContainerName", f.of.container},
	} {
		if l[1] != "" {
			labels = append(labels, l[0], l[1])
		}
	}
	return series.NewID(f.of.scope.Prefix(), f.space, f.name, labels...)
}

// A sheet collects the samples of one moment.
type sheet struct {
	at  time.Time
	all map[figure][]series.Sample
}

func (s sheet) add(space, name, unit string, value float64, of ...dimensions) {
	for _, d := range of {
		f := figure{space, name, unit, d}
		s.all[f] = append(s.all[f], series.Sample{At: s.at, Value: value})
	}
}

// The levels of Container Insights.
type insights int

const (
	insightsOff insights = iota
	insightsOn
	insightsEnhanced // with figures of each task and container
)

// insightsOf reads the setting of a task's cluster.
func insightsOf(r store.Reader, t Task) insights {
	scope, _ := arn.SplitKey(t.Key)
	c, _ := Clusters.Get(r, clusterKey(scope, t.Spec.Cluster))
	return insightsIn(c)
}

func insightsIn(c Cluster) insights {
	for _, each := range c.Spec.Settings {
		if api.Val(each.Name) != ecsapi.ClusterSettingNameContainerInsights {
			continue
		}
		switch api.Val(each.Value) {
		case "enabled":
			return insightsOn
		case "enhanced":
			return insightsEnhanced
		}
	}
	return insightsOff
}

// figures are what CloudWatch is told of a moment: one sample for each running
// task that has been measured twice, and the counts of services and clusters.
func figures(r store.Reader, read func(key string) (reading, bool), now time.Time) map[figure][]series.Sample {
	s := sheet{at: now, all: map[figure][]series.Sample{}}
	tasks := map[string]counts{} // by the key of service or cluster
	for key, t := range Tasks.All(r) {
		scope, _ := arn.SplitKey(key)
		for _, k := range []string{clusterKey(scope, t.Spec.Cluster), serviceKey(scope, t.Spec.Cluster, t.Spec.Service)} {
			tasks[k] = tasks[k].with(t)
		}
		if one, ok := read(key); ok {
			s.task(r, scope, t, one)
		}
	}
	services := map[string]int{}
	for key, svc := range Services.All(r) {
		scope, _ := arn.SplitKey(key)
		cluster, _ := Clusters.Get(r, clusterKey(scope, svc.Spec.Cluster))
		if svc.Spec.Deleted || insightsIn(cluster) == insightsOff {
			continue
		}
		services[cluster.Key]++
		of := dimensions{scope: scope, cluster: svc.Spec.Cluster, service: svc.Spec.Name}
		for name, n := range map[string]int{
			"RunningTaskCount": tasks[key].running, "PendingTaskCount": tasks[key].pending,
			"DesiredTaskCount": int(svc.Spec.Desired), "DeploymentCount": len(describeDeployments(svc, tasksOf(r, scope, svc.Spec))), "TaskSetCount": 0,
		} {
			s.add(spaceInsights, name, "Count", float64(n), of)
		}
	}
	for key, c := range Clusters.All(r) {
		if c.Spec.Inactive || insightsIn(c) == insightsOff {
			continue
		}
		scope, name := arn.SplitKey(key)
		of := dimensions{scope: scope, cluster: name}
		s.add(spaceInsights, "TaskCount", "Count", float64(tasks[key].running), of)
		s.add(spaceInsights, "ServiceCount", "Count", float64(services[key]), of)
		s.add(spaceInsights, "ContainerInstanceCount", "Count", 0, of)
	}
	return s.all
}

// counts are the tasks of a service or a cluster by how far they are.
type counts struct{ running, pending int }

func (n counts) with(t Task) counts {
	switch countedAs(t) {
	case statusRunning:
		n.running++
	case statusPending:
		n.pending++
	}
	return n
}
