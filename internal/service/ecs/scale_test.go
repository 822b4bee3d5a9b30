package ecs

import (
	"testing"

	"apex/internal/store"
)

func TestSetDesired(t *testing.T) {
	w := newWorld(t)
	key := serviceKey(scope, "main", "web")
	set := func(n int64) error {
		return w.env.Store.Update(t.Context(), func(tx *store.Tx) error { return SetDesired(tx, key, n) })
	}
	if err := set(2); err == nil {
		t.Error("a service that is not there was scaled")
	}
	w.cluster()
	w.create("web", w.define("web", "await 0"), 1, nil)
	if err := set(-1); err == nil {
		t.Error("a negative count was taken")
	}
	if err := set(3); err != nil {
		t.Fatal(err)
	}
	snap := w.env.Store.Snapshot()
	if row, _ := Services.Get(snap, key); row.Spec.Desired != 3 {
		t.Errorf("desired is %d", row.Spec.Desired)
	}
	if !Deploying(snap, key) || Deploying(snap, key+"x") {
		t.Error("the first deployment is not seen, or one of a service that is not there")
	}
}
