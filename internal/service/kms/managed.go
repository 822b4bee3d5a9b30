package kms

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"
	"time"

	"apex/internal/arn"
	"apex/internal/service/kms/material"
	"apex/internal/store"
)

const managedPrefix = "alias/aws/"

// managedServices are those for which AWS manages a key. Each key's alias is
// there from the start; the key is made when it is first asked for.
var managedServices = []string{
	"acm", "backup", "dynamodb", "ebs", "ecr", "elasticache", "elasticfilesystem", "es", "kinesis", "lambda", "rds",
	"redshift", "s3", "secretsmanager", "sns", "sqs", "ssm", "xray",
}

// managedPeriod is how often AWS rotates the keys that it manages.
const managedPeriod = 365

// managedKey returns the key that AWS manages under an alias, as it is made at
// first. Its ID follows from the scope and the alias, its secret from the sealing
// key (see secretOf): so whoever only reads can use it before it is in the store.
func managedKey(scope arn.Scope, alias string) (Key, bool) {
	service, ok := strings.CutPrefix(alias, managedPrefix)
	if !ok || !slices.Contains(managedServices, service) {
		return Key{}, false
	}
	sum := sha256.Sum256([]byte(signingName + "/" + scope.Key(alias)))
	h := hex.EncodeToString(sum[:])
	id := h[:8] + "-" + h[8:12] + "-4" + h[13:16] + "-8" + h[17:20] + "-" + h[20:32]
	return Key{Key: scope.Key(id), Spec: KeySpec{
		ID: id, Managed: alias, Usage: material.EncryptDecrypt, Kind: material.Symmetric, Origin: "AWS_KMS",
		Description: descriptionOf(service), Policy: managedPolicy(scope, service), Material: h, Period: managedPeriod,
	}}, true
}

// descriptionOf says what AWS writes of the key (Default key that protects my
// RDS database volumes …), shorter.
func descriptionOf(service string) string {
	return "Default key that protects my data in " + service + " when no other key is defined"
}

// managedByID finds the key that AWS manages by an ID that is not in the store.
func managedByID(scope arn.Scope, id string) (Key, bool) {
	for _, service := range managedServices {
		if k, _ := managedKey(scope, managedPrefix+service); k.Spec.ID == id {
			return k, true
		}
	}
	return Key{}, false
}

// adopt puts a key that AWS manages into the store when it is not there yet.
func adopt(tx *store.Tx, k Key, now time.Time) Key {
	if _, ok := Keys.Get(tx, k.Key); !ok && k.Spec.Managed != "" {
		k.Spec.Created, k.Spec.RotatesSince = now, now
		Keys.Put(tx, k)
	}
	return k
}
