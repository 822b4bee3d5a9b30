package apexai

import (
	"crypto/rand"
	"encoding/json"
	"net/url"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/elasticache"
	"github.com/aws/aws-sdk-go-v2/service/rds"
	"github.com/aws/aws-sdk-go-v2/service/rds/types"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"

	"apex/internal/regiontest"
)

const database = "apexai-dev"

func (s stack) database(t *testing.T) types.DBInstance {
	t.Helper()
	out, err := rds.NewFromConfig(s.AWS(t)).DescribeDBInstances(t.Context(), &rds.DescribeDBInstancesInput{DBInstanceIdentifier: aws.String(database)})
	if err != nil {
		t.Fatal(err)
	}
	return out.DBInstances[0]
}

func (s stack) databaseAvailable(t *testing.T) {
	t.Helper()
	regiontest.Await(t, "the database is available", func() bool { return *s.database(t).DBInstanceStatus == "available" })
}

// rotatePassword gives the database another password: in the secret first, then
// in RDS, as a rotation does, so that whoever is refused finds the new one. The
// server's connections live on; those that it opens later use the new password.
func rotatePassword(t *testing.T, s stack) {
	w := s.startWork(t, "rotate")
	w.flows(t, 10)
	secrets, name := secretsmanager.NewFromConfig(s.AWS(t)), aws.String(database+"/database")
	have, err := secrets.GetSecretValue(t.Context(), &secretsmanager.GetSecretValueInput{SecretId: name})
	if err != nil {
		t.Fatal(err)
	}
	var value map[string]string
	if err := json.Unmarshal([]byte(*have.SecretString), &value); err != nil {
		t.Fatal(err)
	}
	next := rand.Text()
	u, err := url.Parse(value["url"])
	if err != nil {
		t.Fatal(err)
	}
	u.User = url.UserPassword(value["username"], next)
	value["password"], value["url"] = next, u.String()
	text, err := json.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := secrets.PutSecretValue(t.Context(), &secretsmanager.PutSecretValueInput{SecretId: name, SecretString: aws.String(string(text))}); err != nil {
		t.Fatal(err)
	}
	_, err = rds.NewFromConfig(s.AWS(t)).ModifyDBInstance(t.Context(), &rds.ModifyDBInstanceInput{
		DBInstanceIdentifier: aws.String(database), MasterUserPassword: &next, ApplyImmediately: aws.Bool(true),
	})
	if err != nil {
		t.Fatal(err)
	}
	s.databaseAvailable(t)
	w.flows(t, 40)
	s.Apex(t, "run", "server", "--", "migrate") // a task that starts now has the new password
	if failed := w.complete(t); failed > 0 {
		t.Errorf("%d requests failed while the password was rotated", failed)
	}
	s.Apex(t, "up") // finds nothing to do: the secret is as apex left it
}

// reboot reboots the database, in place or into its other zone, and returns when
// it is available again, and after how long.
func (s stack) reboot(t *testing.T, failOver bool) time.Duration {
	t.Helper()
	began := time.Now()
	_, err := rds.NewFromConfig(s.AWS(t)).RebootDBInstance(t.Context(), &rds.RebootDBInstanceInput{DBInstanceIdentifier: aws.String(database), ForceFailover: &failOver})
	if err != nil {
		t.Fatal(err)
	}
	s.databaseAvailable(t)
	return time.Since(began)
}

// rebootDatabase stops the database in good order and starts it again under load.
func rebootDatabase(t *testing.T, s stack) {
	w := s.startWork(t, "reboot")
	w.flows(t, 20)
	available := s.reboot(t, false)
	w.flows(t, 40)
	w.complete(t)
	w.onlyAsks(t)
	t.Logf("available again after %s", available.Round(time.Millisecond))
}

// failOver gives the database a standby in the other zone, and then has it take
// over under load: its server is fenced and begins again over there. All of its
// connections are new, by the password that was rotated before.
func failOver(t *testing.T, s stack) {
	s.upWith(t, s.edited(t, "  engine: mysql 8.0", "  engine: mysql 8.0\n  multi-az: true"))
	s.databaseAvailable(t)
	before := s.database(t)
	w := s.startWork(t, "failover")
	w.flows(t, 20)
	available := s.reboot(t, true)
	w.flows(t, 40)
	w.complete(t)
	w.onlyAsks(t)
	after := s.database(t)
	if *after.AvailabilityZone != aws.ToString(before.SecondaryAvailabilityZone) || aws.ToString(after.SecondaryAvailabilityZone) != *before.AvailabilityZone {
		t.Errorf("zones %s (%s) became %s (%s)", *before.AvailabilityZone, aws.ToString(before.SecondaryAvailabilityZone), *after.AvailabilityZone, aws.ToString(after.SecondaryAvailabilityZone))
	}
	t.Logf("from %s to %s in %s", *before.AvailabilityZone, *after.AvailabilityZone, available.Round(time.Millisecond))
	s.Apex(t, "up") // one zone again
	s.settled(t)
}

// restartCache reboots Redis under load: sessions, keys and queued jobs are there
// again, and nobody is signed out.
func restartCache(t *testing.T, s stack) {
	c := elasticache.NewFromConfig(s.AWS(t))
	group := func() (status, node string) {
		out, err := c.DescribeReplicationGroups(t.Context(), &elasticache.DescribeReplicationGroupsInput{ReplicationGroupId: aws.String(database)})
		if err != nil {
			t.Fatal(err)
		}
		return *out.ReplicationGroups[0].Status, out.ReplicationGroups[0].MemberClusters[0]
	}
	_, node := group()
	w := s.startWork(t, "redis")
	w.flows(t, 20)
	if _, err := c.RebootCacheCluster(t.Context(), &elasticache.RebootCacheClusterInput{CacheClusterId: &node, CacheNodeIdsToReboot: []string{"0001"}}); err != nil {
		t.Fatal(err)
	}
	regiontest.Await(t, "the cache is available", func() bool { status, _ := group(); return status == "available" })
	w.flows(t, 40)
	w.complete(t)
	w.onlyAsks(t)
	s.settled(t)
}
