package rds_test

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsrds "github.com/aws/aws-sdk-go-v2/service/rds"

	"apex/internal/service/ec2"
	"apex/internal/service/servicetest"
)

// interfaces counts the interfaces that there are.
func (w world) interfaces() (n int) {
	for range ec2.NetworkInterfaces.All(w.env.Store.Snapshot()) {
		n++
	}
	return n
}

func (w world) setMultiAZ(id string, on bool) {
	w.t.Helper()
	_, err := w.ModifyDBInstance(w.t.Context(), &awsrds.ModifyDBInstanceInput{DBInstanceIdentifier: &id, MultiAZ: &on, ApplyImmediately: aws.Bool(true)})
	if err != nil {
		w.t.Fatal(err)
	}
}

func (w world) failOver(id string) error {
	_, err := w.RebootDBInstance(w.t.Context(), &awsrds.RebootDBInstanceInput{DBInstanceIdentifier: &id, ForceFailover: aws.Bool(true)})
	return err
}

func TestFailOverToTheOtherZone(t *testing.T) {
	w := newWorld(t).run()
	w.create(request("db-1"))
	w.await("db-1", "available")
	if err := w.failOver("db-1"); servicetest.Code(err) != "InvalidParameterCombination" {
		t.Errorf("without a standby: %v", err)
	}
	w.setMultiAZ("db-1", true)
	w.await("db-1", "available")
	before := w.describe("db-1")
	if aws.ToString(before.SecondaryAvailabilityZone) == "" || *before.SecondaryAvailabilityZone == *before.AvailabilityZone || w.interfaces() != 2 {
		t.Fatalf("zones %s and %s, %d interfaces", *before.AvailabilityZone, aws.ToString(before.SecondaryAvailabilityZone), w.interfaces())
	}
	name := *before.Endpoint.Address
	w.execAt(name, "CREATE TABLE app.kept (n INT)")
	w.execAt(name, "INSERT INTO app.kept VALUES (1)")
	address := w.addressOf(name)
	if err := w.failOver("db-1"); err != nil {
		t.Fatal(err)
	}
	w.awaitValueAt(name, "SELECT n FROM app.kept", "1")
	w.await("db-1", "available")
	after := w.describe("db-1")
	if *after.AvailabilityZone != *before.SecondaryAvailabilityZone || *after.SecondaryAvailabilityZone != *before.AvailabilityZone || w.addressOf(name) == address {
		t.Errorf("from %s at %s to %s at %s", *before.AvailabilityZone, address, *after.AvailabilityZone, w.addressOf(name))
	}
	db, err := open(address + ":3306")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if err := db.PingContext(t.Context()); err == nil {
		t.Error("the old place still answers")
	}
	w.setMultiAZ("db-1", false)
	if d := w.describe("db-1"); d.SecondaryAvailabilityZone != nil || w.interfaces() != 1 {
		t.Errorf("a single zone again: %v, %d interfaces", d.SecondaryAvailabilityZone, w.interfaces())
	}
}

func TestInstanceIsMadeWithItsStandby(t *testing.T) {
	w := newWorld(t)
	in := request("db-1")
	in.MultiAZ = aws.Bool(true)
	w.create(in)
	if i := w.instance("db-1"); i.Spec.Zone != "us-east-1a" || i.Spec.Standby.Zone != "us-east-1b" || w.interfaces() != 2 {
		t.Errorf("zones %s and %s, %d interfaces", i.Spec.Zone, i.Spec.Standby.Zone, w.interfaces())
	}
}
