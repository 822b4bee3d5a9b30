package events

import (
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	ecstypes "github.com/aws/aws-sdk-go-v2/service/ecs/types"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	ebtypes "github.com/aws/aws-sdk-go-v2/service/eventbridge/types"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/scheduler"
	"github.com/aws/aws-sdk-go-v2/service/scheduler/types"
	"github.com/aws/aws-sdk-go-v2/service/sns"
	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"apex/internal/regiontest"
)

const prefix = "000000000000:"

// A story is a region and what is in it.
type story struct {
	*testing.T
	region *regiontest.Region
	cfg    aws.Config
}

// role makes a role that Scheduler takes on, and returns its ARN.
func (s *story) role(name, actions string) string {
	s.Helper()
	roles := iam.NewFromConfig(s.cfg)
	out, err := roles.CreateRole(s.Context(), &iam.CreateRoleInput{RoleName: &name, AssumeRolePolicyDocument: aws.String(
		`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"scheduler.amazonaws.com"},"Action":"sts:AssumeRole"}]}`)})
	if err != nil {
		s.Fatal(err)
	}
	_, err = roles.PutRolePolicy(s.Context(), &iam.PutRolePolicyInput{RoleName: &name, PolicyName: aws.String("p"), PolicyDocument: aws.String(
		`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":[` + actions + `],"Resource":"*"}]}`)})
	if err != nil {
		s.Fatal(err)
	}
	return *out.Role.Arn
}

// queue makes a queue that lets in the services that statements name, and returns its
// URL.
func (s *story) queue(name string, letIn ...string) string {
	s.Helper()
	var statements []string
	for _, who := range letIn {
		statements = append(statements, `{"Effect":"Allow","Action":"sqs:SendMessage","Resource":"arn:aws:sqs:us-east-1:`+prefix+name+`",`+who+`}`)
	}
	out, err := sqs.NewFromConfig(s.cfg).CreateQueue(s.Context(), &sqs.CreateQueueInput{QueueName: &name, Attributes: map[string]string{
		"Policy": `{"Version":"2012-10-17","Statement":[` + strings.Join(statements, ",") + `]}`,
	}})
	if err != nil {
		s.Fatal(err)
	}
	return *out.QueueUrl
}

// from lets a service in for one source.
func from(service, source string) string {
	return `"Principal":{"Service":"` + service + `"},"Condition":{"ArnEquals":{"aws:SourceArn":"` + source + `"},"StringEquals":{"aws:SourceAccount":"000000000000"}}`
}

// rule makes a rule that tells the inbox how the schedules' tasks end.
func (s *story) rule(name string) {
	s.Helper()
	rules := eventbridge.NewFromConfig(s.cfg)
	if _, err := rules.PutRule(s.Context(), &eventbridge.PutRuleInput{Name: &name, EventPattern: aws.String(
		`{"source":["aws.ecs"],"detail-type":["ECS Task State Change"],"detail":{"lastStatus":["STOPPED"],"startedBy":[{"prefix":"chronos-schedule/"}]}}`)}); err != nil {
		s.Fatal(err)
	}
	if _, err := rules.PutTargets(s.Context(), &eventbridge.PutTargetsInput{Rule: &name, Targets: []ebtypes.Target{{
		Id: aws.String("inbox"), Arn: aws.String("arn:aws:sqs:us-east-1:" + prefix + "inbox"),
		DeadLetterConfig: &ebtypes.DeadLetterConfig{Arn: aws.String("arn:aws:sqs:us-east-1:" + prefix + "dead")},
		InputTransformer: &ebtypes.InputTransformer{InputPathsMap: map[string]string{"by": "$.detail.startedBy", "code": "$.detail.stopCode"}, InputTemplate: aws.String(`"<by> ended with <code>"`)},
	}}}); err != nil {
		s.Fatal(err)
	}
}

// publish sends a message through a topic that the inbox is subscribed to.
func (s *story) publish(name, message string) {
	s.Helper()
	topics := sns.NewFromConfig(s.cfg)
	topic, err := topics.CreateTopic(s.Context(), &sns.CreateTopicInput{Name: &name})
	if err != nil {
		s.Fatal(err)
	}
	if _, err := topics.Subscribe(s.Context(), &sns.SubscribeInput{
		TopicArn: topic.TopicArn, Protocol: aws.String("sqs"), Endpoint: aws.String("arn:aws:sqs:us-east-1:" + prefix + "inbox"),
		Attributes: map[string]string{
			"RawMessageDelivery": "true", "RedrivePolicy": `{"deadLetterTargetArn":"arn:aws:sqs:us-east-1:` + prefix + `dead"}`,
		},
	}); err != nil {
		s.Fatal(err)
	}
	if _, err := topics.Publish(s.Context(), &sns.PublishInput{TopicArn: topic.TopicArn, Message: &message}); err != nil {
		s.Fatal(err)
	}
}

// receive waits for a message that contains the text.
func (s *story) receive(url, text string) string {
	s.Helper()
	var found string
	regiontest.Await(s.T, "a message with "+text, func() bool {
		out, err := sqs.NewFromConfig(s.cfg).ReceiveMessage(s.Context(), &sqs.ReceiveMessageInput{QueueUrl: &url, WaitTimeSeconds: 2, MaxNumberOfMessages: 10, MessageAttributeNames: []string{"All"}})
		if err != nil {
			s.Fatal(err)
		}
		for _, m := range out.Messages {
			whole := *m.Body
			for _, a := range m.MessageAttributes {
				whole += " " + aws.ToString(a.StringValue)
			}
			if strings.Contains(whole, text) {
				found = whole
			}
		}
		return found != ""
	})
	return found
}

// task makes what a task needs, and returns the target that starts one.
func (s *story) task(role string) *types.Target {
	s.Helper()
	network, tasks := ec2.NewFromConfig(s.cfg), ecs.NewFromConfig(s.cfg)
	vpc, err := network.CreateVpc(s.Context(), &ec2.CreateVpcInput{CidrBlock: aws.String("10.9.0.0/16")})
	if err != nil {
		s.Fatal(err)
	}
	subnet, err := network.CreateSubnet(s.Context(), &ec2.CreateSubnetInput{VpcId: vpc.Vpc.VpcId, CidrBlock: aws.String("10.9.1.0/24")})
	if err != nil {
		s.Fatal(err)
	}
	if _, err := tasks.CreateCluster(s.Context(), &ecs.CreateClusterInput{ClusterName: aws.String("night")}); err != nil {
		s.Fatal(err)
	}
	// Nobody serves the image: the task starts, and stops with a reason.
	definition, err := tasks.RegisterTaskDefinition(s.Context(), &ecs.RegisterTaskDefinitionInput{
		Family: aws.String("report"), Cpu: aws.String("256"), Memory: aws.String("512"), NetworkMode: ecstypes.NetworkModeAwsvpc,
		RequiresCompatibilities: []ecstypes.Compatibility{ecstypes.CompatibilityFargate},
		ContainerDefinitions:    []ecstypes.ContainerDefinition{{Name: aws.String("app"), Image: aws.String("127.0.0.1:1/none:1"), Essential: aws.Bool(true)}},
	})
	if err != nil {
		s.Fatal(err)
	}
	return &types.Target{
		Arn: aws.String("arn:aws:ecs:us-east-1:" + prefix + "cluster/night"), RoleArn: &role,
		EcsParameters: &types.EcsParameters{
			TaskDefinitionArn: definition.TaskDefinition.TaskDefinitionArn, LaunchType: types.LaunchTypeFargate,
			NetworkConfiguration: &types.NetworkConfiguration{AwsvpcConfiguration: &types.AwsVpcConfiguration{Subnets: []string{*subnet.Subnet.SubnetId}}},
		},
	}
}

// soon makes a schedule that is due in two seconds.
func (s *story) soon(name string, target *types.Target) {
	s.Helper()
	_, err := scheduler.NewFromConfig(s.cfg).CreateSchedule(s.Context(), &scheduler.CreateScheduleInput{
		Name: &name, ScheduleExpression: aws.String("at(" + time.Now().UTC().Add(2*time.Second).Format("2006-01-02T15:04:05") + ")"),
		FlexibleTimeWindow: &types.FlexibleTimeWindow{Mode: types.FlexibleTimeWindowModeOff}, Target: target,
	})
	if err != nil {
		s.Fatal(err)
	}
}

func TestStory(t *testing.T) {
	region := regiontest.Start(t)
	s := &story{t, region, region.AWS(t)}
	inbox := s.queue("inbox", from("events.amazonaws.com", "arn:aws:events:us-east-1:"+prefix+"rule/ended"), from("sns.amazonaws.com", "arn:aws:sns:us-east-1:"+prefix+"news"))
	dead := s.queue("dead", `"Principal":{"Service":["events.amazonaws.com","sns.amazonaws.com"]}`)

	// A queue lets in the topic that its policy names, and no other.
	s.publish("news", "it is heard")
	if got := s.receive(inbox, "heard"); got != "it is heard" {
		t.Errorf("the topic's subscriber got %s", got)
	}
	s.publish("gossip", "nobody lets it in")
	s.receive(dead, "nobody lets it in")

	// A schedule starts a task with its role's rights, and a rule hears of its end.
	s.rule("ended")
	s.rule("stranger")
	target := s.task(s.role("runner", `"ecs:RunTask"`))
	s.soon("night", target)
	if got := s.receive(inbox, "chronos-schedule/night"); got != `"chronos-schedule/night ended with TaskFailedToStart"` {
		t.Errorf("the rule's target got %s", got)
	}
	// The other rule is not the one that the queue lets in.
	if got := s.receive(dead, "rule/stranger"); !strings.Contains(got, "is not authorized to perform: sqs:SendMessage") {
		t.Errorf("the stranger's dead letter is %s", got)
	}

	// A role without the right starts nothing: what was to be done is a dead letter.
	weak := *target
	weak.RoleArn = aws.String(s.role("weak", `"sqs:SendMessage"`))
	weak.DeadLetterConfig = &types.DeadLetterConfig{Arn: aws.String("arn:aws:sqs:us-east-1:" + prefix + "dead")}
	s.soon("denied", &weak)
	if got := s.receive(dead, "AccessDenied"); !strings.Contains(got, "is not authorized to perform: ecs:RunTask") {
		t.Errorf("the dead letter is %s", got)
	}

	// What is in a queue outlives the region.
	if _, err := sqs.NewFromConfig(s.cfg).SendMessage(t.Context(), &sqs.SendMessageInput{QueueUrl: &inbox, MessageBody: aws.String("before the kill")}); err != nil {
		t.Fatal(err)
	}
	region.Kill(t)
	region.StartDaemon(t)
	s.receive(inbox, "before the kill")
}
