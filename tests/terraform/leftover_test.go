package terraform

import (
	"context"
	"path/filepath"
	"strings"
	"testing"

	"go.etcd.io/bbolt"

	"apex/internal/region"
	"apex/internal/regiontest"
)

// outlives says, by table, what outlives a stack on AWS too, or was there before
// it: rows in whose key or text the given text is. AWS still describes what was
// deleted for a while, as INACTIVE, STOPPED or deleted, and keeps histories, roles
// linked to services, and log groups that nobody declared.
var outlives = map[string]string{
	"_store":                      "",
	"autoscaling.activities":      "",
	"cloudwatch.history":          "",
	"ec2.nat-gateways":            "",
	"ec2.tags":                    "/nat-",
	"ec2.tokens":                  "",
	"ecs.clusters":                `"Inactive":true`,
	"ecs.definitions":             `"INACTIVE"`,
	"ecs.families":                "",
	"ecs.revisions":               "",
	"ecs.services":                `"Deleted":true`,
	"ecs.settings":                `disabled`, // what the provider makes of one that it deletes
	"ecs.signals":                 "",         // of tasks, for as long as these are described
	"ecs.tasks":                   `"STOPPED"`,
	"ecr.registries":              "",
	"iam.access_keys":             "",
	"iam.roles":                   "/aws-service-role/",
	"kms.keys":                    "", // AWS's own, and those that wait for their deletion
	"logs.groups":                 "/aws/ecs/containerinsights/",
	"logs.streams":                "/aws/ecs/containerinsights/",
	"route53.changes":             "",
	"servicediscovery.operations": "",
	"xray.settings":               "",
}

// nothingLeft stops the region and holds that its store has no row of a resource.
func nothingLeft(t testing.TB, r *regiontest.Region) {
	t.Helper()
	if t.Failed() {
		return // what failed left things
	}
	if err := region.Stop(context.Background(), r.Home); err != nil {
		t.Fatal(err)
	}
	db, err := bbolt.Open(filepath.Join(r.Home.Dir, "store", "region.db"), 0o600, &bbolt.Options{ReadOnly: true})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	err = db.View(func(tx *bbolt.Tx) error {
		return tx.ForEach(func(table []byte, rows *bbolt.Bucket) error {
			kept, known := outlives[string(table)]
			return rows.ForEach(func(key, row []byte) error {
				if !known || !strings.Contains(string(key)+string(row), kept) {
					t.Errorf("left in the region: %s %s", table, key)
				}
				return nil
			})
		})
	})
	if err != nil {
		t.Fatal(err)
	}
}
