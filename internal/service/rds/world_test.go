package rds_test

import (
	"context"
	"database/sql"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsrds "github.com/aws/aws-sdk-go-v2/service/rds"
	"github.com/aws/aws-sdk-go-v2/service/rds/types"
	driver "github.com/go-sql-driver/mysql"

	"apex/internal/controller"
	"apex/internal/service"
	"apex/internal/service/ec2"
	"apex/internal/service/servicetest"
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

// gone waits until an instance is no more.
func (w world) gone(id string) {
	w.t.Helper()
	servicetest.Await(w.t, w.env, id+" is gone", func(store.Snapshot) bool {
		_, err := w.DescribeDBInstances(w.t.Context(), &awsrds.DescribeDBInstancesInput{DBInstanceIdentifier: &id})
		return servicetest.Code(err) == "DBInstanceNotFound"
	})
}

// open connects as the master user does, at an address.
func open(address string) (*sql.DB, error) {
	cfg := driver.NewConfig()
	cfg.User, cfg.Passwd, cfg.Net, cfg.Addr = "admin", "correct-horse", "tcp", address
	cfg.Logger = &driver.NopLogger{}
	connector, err := driver.NewConnector(cfg)
	if err != nil {
		return nil, err
	}
	return sql.OpenDB(connector), nil
}

func (w world) mustExec(id, statement string) {
	w.t.Helper()
	w.execAddress(w.instance(id).Spec.Address.String(), statement)
}

func (w world) execAddress(host, statement string) {
	w.t.Helper()
	db, err := open(host + ":3306")
	if err != nil {
		w.t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.ExecContext(w.t.Context(), statement); err != nil {
		w.t.Fatalf("%s: %v", statement, err)
	}
}

// addressOf is where a name of the VPC leads.
func (w world) addressOf(name string) string {
	w.t.Helper()
	row, ok := ec2.Names.Get(w.env.Store.Snapshot(), scope.Key("vpc-1/"+name))
	if !ok {
		w.t.Fatalf("%s does not resolve", name)
	}
	return row.Spec.Addresses[0].String()
}

func (w world) execAt(name, statement string) {
	w.t.Helper()
	w.execAddress(w.addressOf(name), statement)
}

func (w world) valueAt(name, query string) (value string) {
	db, err := open(w.addressOf(name) + ":3306")
	if err != nil {
		w.t.Fatal(err)
	}
	defer db.Close()
	_ = db.QueryRowContext(w.t.Context(), query).Scan(&value) // empty: it does not answer yet
	return value
}

// awaitValueAt asks until the server that the name leads to gives the value.
func (w world) awaitValueAt(name, query, want string) {
	w.t.Helper()
	got := ""
	for deadline := time.Now().Add(30 * time.Second); got != want && time.Now().Before(deadline); time.Sleep(5 * time.Millisecond) {
		got = w.valueAt(name, query)
	}
	if got != want {
		w.t.Fatalf("%s at %s: %q, want %q", query, name, got, want)
	}
}
