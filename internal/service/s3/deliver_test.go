package s3_test

import (
	"errors"
	"io"
	"strings"
	"testing"

	"apex/internal/arn"
	"apex/internal/dataplane/objects"
	"apex/internal/service/s3"
	"apex/internal/service/servicetest"
	"apex/internal/store"
)

func TestDeliverAndFetch(t *testing.T) {
	env := servicetest.Env(t, s3.Tables()...)
	scope := arn.Scope{Account: servicetest.Account, Region: servicetest.Region}
	if err := env.Objects.MakeBucket("b-1"); err != nil {
		t.Fatal(err)
	}
	if err := env.Store.Update(t.Context(), func(tx *store.Tx) error {
		s3.Buckets.Put(tx, s3.Bucket{Name: "logs", Spec: s3.BucketSpec{ID: "b-1", Account: scope.Account, Region: scope.Region}})
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	const key = "AWSLogs/../../etc/x.log"
	snap := env.Store.Snapshot()
	if err := s3.Deliver(snap, env, scope, "logs", key, "text/plain", strings.NewReader("line\n")); err != nil {
		t.Fatal(err)
	}
	content, err := s3.Fetch(snap, env, scope, "logs", key)
	if err != nil {
		t.Fatal(err)
	}
	defer content.Close()
	if got, err := io.ReadAll(content); err != nil || string(got) != "line\n" {
		t.Errorf("fetched %q, %v", got, err)
	}
	other := arn.Scope{Account: "111111111111", Region: scope.Region}
	for name, tt := range map[string]struct {
		scope       arn.Scope
		bucket, key string
		want        error
	}{
		"no bucket": {scope, "none", key, objects.ErrNoBucket},
		"no object": {scope, "logs", "none", objects.ErrNoObject},
	} {
		if _, err := s3.Fetch(snap, env, tt.scope, tt.bucket, tt.key); !errors.Is(err, tt.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := s3.Deliver(snap, env, other, "logs", key, "text/plain", strings.NewReader("x")); err == nil {
		t.Error("another account's bucket took an object")
	}
}
