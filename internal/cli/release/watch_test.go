package release

import (
	"errors"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
)

func TestJudge(t *testing.T) {
	deployment := func(id, status string, state types.DeploymentRolloutState) types.Deployment {
		return types.Deployment{Id: &id, Status: &status, RolloutState: state, TaskDefinition: aws.String("x/web:2")}
	}
	const progress, done, failed = types.DeploymentRolloutStateInProgress, types.DeploymentRolloutStateCompleted, types.DeploymentRolloutStateFailed
	for name, tt := range map[string]struct {
		goal        Goal
		deployments []types.Deployment
		done, back  bool
		fails       bool
	}{
		"under way":              {Deployed, []types.Deployment{deployment("new", "PRIMARY", progress), deployment("old", "ACTIVE", done)}, false, false, false},
		"complete, old remains":  {Deployed, []types.Deployment{deployment("new", "PRIMARY", done), deployment("old", "ACTIVE", done)}, true, false, false},
		"stable wants it gone":   {Stable, []types.Deployment{deployment("new", "PRIMARY", done), deployment("old", "ACTIVE", done)}, false, false, false},
		"stable":                 {Stable, []types.Deployment{deployment("new", "PRIMARY", done)}, true, false, false},
		"failed, no way back":    {Deployed, []types.Deployment{deployment("new", "PRIMARY", failed)}, true, false, true},
		"failed, on its way":     {Deployed, []types.Deployment{deployment("back", "PRIMARY", progress), deployment("new", "ACTIVE", failed)}, false, false, false},
		"failed and rolled back": {Deployed, []types.Deployment{deployment("back", "PRIMARY", done), deployment("new", "ACTIVE", failed)}, true, true, true},
		"replaced":               {Deployed, []types.Deployment{deployment("other", "PRIMARY", done)}, true, true, true},
	} {
		t.Run(name, func(t *testing.T) {
			w := watcher{Client: &Client{}, name: "web", deployment: "new", goal: tt.goal}
			got, err := w.judge(types.Service{Deployments: tt.deployments})
			if got != tt.done || (err != nil) != tt.fails || errors.Is(err, ErrRolledBack) != tt.back {
				t.Errorf("done %v, error %v", got, err)
			}
		})
	}
}

func TestTellSaysEachEventOnce(t *testing.T) {
	var lines []string
	c := &Client{Say: func(l string) { lines = append(lines, l) }}
	w := watcher{Client: c, name: "web", told: map[string]bool{}}
	s := types.Service{
		Events:      []types.ServiceEvent{{Id: aws.String("2"), Message: aws.String("second.")}, {Id: aws.String("1"), Message: aws.String("first.")}},
		Deployments: []types.Deployment{{TaskDefinition: aws.String("a/web:2"), RunningCount: 1, DesiredCount: 2}},
	}
	w.tell(s)
	w.tell(s)
	want := []string{"first", "second", "web: web:2 1 of 2"}
	if len(lines) != 3 || lines[0] != want[0] || lines[1] != want[1] || lines[2] != want[2] {
		t.Errorf("said %q, want %q", lines, want)
	}
}
