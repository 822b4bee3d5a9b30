package rds_test

import (
	"context"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsrds "github.com/aws/aws-sdk-go-v2/service/rds"
	"github.com/aws/aws-sdk-go-v2/service/rds/types"

	"apex/internal/controller"
	"apex/internal/service"
	"apex/internal/service/ec2"
	"apex/internal/store"
)

// readyInterfaces stands in for the VPC data plane: an interface is ready at
// once, in the namespace of the test.
func readyInterfaces(service.Env) controller.Controller {
	return controller.New(controller.Spec[ec2.NetworkInterface, ec2.NetworkInterfaceStatus]{
		Name: "test/interfaces", Table: ec2.NetworkInterfaces,
		Status: func(i *ec2.NetworkInterface) *ec2.NetworkInterfaceStatus { return &i.Status },
		Reconcile: func(context.Context, store.Snapshot, string) (ec2.NetworkInterfaceStatus, error) {
			return ec2.NetworkInterfaceStatus{Ready: true}, nil
		},
	})
}

func (w world) parameterGroup(name string) {
	w.t.Helper()
	_, err := w.CreateDBParameterGroup(w.t.Context(), &awsrds.CreateDBParameterGroupInput{
		DBParameterGroupName: &name, DBParameterGroupFamily: aws.String("mysql8.0"), Description: aws.String("ours"),
	})
	if err != nil {
		w.t.Fatal(err)
	}
}

func (w world) setParameter(group, name, value string, method types.ApplyMethod) {
	w.t.Helper()
	_, err := w.ModifyDBParameterGroup(w.t.Context(), &awsrds.ModifyDBParameterGroupInput{
		DBParameterGroupName: &group, Parameters: []types.Parameter{{ParameterName: &name, ParameterValue: &value, ApplyMethod: method}},
	})
	if err != nil {
		w.t.Fatal(err)
	}
}

func TestParametersDoNotDrift(t *testing.T) {
	w := newWorld(t)
	w.parameterGroup("tuned")
	want := map[string]types.Parameter{
		"max_connections":      {ParameterValue: aws.String("{DBInstanceClassMemory/12582880}"), ApplyMethod: types.ApplyMethodImmediate},
		"slow_query_log":       {ParameterValue: aws.String("1"), ApplyMethod: types.ApplyMethodPendingReboot},
		"character_set_server": {ParameterValue: aws.String("utf8mb4"), ApplyMethod: types.ApplyMethodImmediate},
	}
	for name, p := range want {
		w.setParameter("tuned", name, *p.ParameterValue, p.ApplyMethod)
	}
	out, err := w.DescribeDBParameters(t.Context(), &awsrds.DescribeDBParametersInput{DBParameterGroupName: aws.String("tuned"), Source: aws.String("user")})
	if err != nil || len(out.Parameters) != len(want) {
		t.Fatalf("%+v, %v", out, err)
	}
	for _, p := range out.Parameters {
		if w := want[*p.ParameterName]; *p.ParameterValue != *w.ParameterValue || p.ApplyMethod != w.ApplyMethod {
			t.Errorf("%s came back as %s, %s", *p.ParameterName, *p.ParameterValue, p.ApplyMethod)
		}
	}
	pages, total := awsrds.NewDescribeDBParametersPaginator(w, &awsrds.DescribeDBParametersInput{DBParameterGroupName: aws.String("tuned")}), 0
	for pages.HasMorePages() {
		out, err := pages.NextPage(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		total += len(out.Parameters)
	}
	if total < 100 {
		t.Errorf("%d parameters in all", total)
	}
}
