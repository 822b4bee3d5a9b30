package release

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
)

// A Goal is when a roll-out counts as done.
type Goal string

// The goals.
const (
	Deployed Goal = "deployed" // ECS says that the new deployment is complete
	Stable   Goal = "stable"   // and nothing of the old one runs any more
	Started  Goal = "none"     // it has begun
)

// ErrRolledBack says that a deployment failed and the service is on its way back.
var ErrRolledBack = errors.New("the deployment failed and was rolled back")

// A Result is what a roll-out did.
type Result struct {
	Service    string        `json:"service"`
	From       string        `json:"from"` // task definition, "family:revision"
	To         string        `json:"to"`
	Began      time.Time     `json:"began"`
	Took       time.Duration `json:"-"`
	Seconds    float64       `json:"seconds"`
	RolledBack bool          `json:"rolledBack,omitempty"`
	Tally      *Tally        `json:"requests,omitempty"`
}

// Roll makes the service run the task definition and waits for the goal. force
// replaces all tasks even if the definition is the same.
func (c *Client) Roll(ctx context.Context, s types.Service, definition string, force bool, goal Goal) (Result, error) {
	r := Result{Service: aws.ToString(s.ServiceName), From: Short(aws.ToString(s.TaskDefinition)), To: Short(definition), Began: time.Now()}
	out, err := c.ecs.UpdateService(ctx, &ecs.UpdateServiceInput{
		Cluster: &c.Cluster, Service: s.ServiceName, TaskDefinition: &definition, ForceNewDeployment: force,
	})
	if err != nil {
		return r, fmt.Errorf("update service %s: %w", r.Service, err)
	}
	w := watcher{Client: c, name: r.Service, goal: goal, definition: definition, since: r.Began}
	for _, d := range out.Service.Deployments {
		if aws.ToString(d.Status) == "PRIMARY" {
			w.deployment = aws.ToString(d.Id)
		}
	}
	err = w.watch(ctx)
	r.Took = time.Since(r.Began)
	r.Seconds, r.RolledBack = r.Took.Seconds(), errors.Is(err, ErrRolledBack)
	return r, err
}

// Short is "family:revision" of a task definition's ARN.
func Short(arn string) string {
	for i := len(arn) - 1; i >= 0; i-- {
		if arn[i] == '/' {
			return arn[i+1:]
		}
	}
	return arn
}
