package cli

import (
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
)

func TestVerdictOfATask(t *testing.T) {
	stopped := func(reason string, c types.Container) types.Task {
		c.Name = aws.String("web")
		return types.Task{
			DesiredStatus: aws.String("STOPPED"), LastStatus: aws.String("STOPPED"), StopCode: types.TaskStopCodeEssentialContainerExited,
			StoppedReason: &reason, Containers: []types.Container{c},
		}
	}
	for name, tt := range map[string]struct {
		task    types.Task
		targets []string
		want    []string // in the verdict and its hint
	}{
		"well":      {types.Task{LastStatus: aws.String("RUNNING")}, nil, []string{"is well"}},
		"starting":  {types.Task{LastStatus: aws.String("PENDING")}, nil, []string{"image is pulled"}},
		"unhealthy": {types.Task{LastStatus: aws.String("RUNNING")}, []string{"web: unhealthy: Request timed out"}, []string{"no request goes to it", "health path"}},
		"draining":  {types.Task{LastStatus: aws.String("RUNNING")}, []string{"web: draining"}, []string{"last requests"}},
		"memory":    {stopped("Essential container in task exited", types.Container{Reason: aws.String("OutOfMemoryError: x"), ExitCode: aws.Int32(137)}), nil, []string{"more than its memory"}},
		"killed":    {stopped("Essential container in task exited", types.Container{ExitCode: aws.Int32(137)}), nil, []string{"was killed"}},
		"exited":    {stopped("Essential container in task exited", types.Container{ExitCode: aws.Int32(3)}), nil, []string{"code 3"}},
		"no image":  {stopped("CannotPullContainerError: no", types.Container{}), nil, []string{"image is not there"}},
		"scaled in": {stopped("Scaling activity initiated by (deployment x)", types.Container{}), nil, []string{"deployment"}},
	} {
		t.Run(name, func(t *testing.T) {
			verdict, hint := verdictOf(tt.task, taskStory{Targets: tt.targets})
			for _, want := range tt.want {
				if !strings.Contains(verdict+" "+hint, want) {
					t.Errorf("%q is not in %q, %q", want, verdict, hint)
				}
			}
		})
	}
}
