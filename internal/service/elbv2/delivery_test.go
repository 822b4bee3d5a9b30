package elbv2_test

import (
	"compress/gzip"
	"fmt"
	"io"
	"regexp"
	"strings"
	"testing"
	"time"

	elb "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"

	"apex/internal/dataplane/objects"
	"apex/internal/service/s3"
	"apex/internal/service/servicetest"
	"apex/internal/store"
)

// athena is the expression that AWS gives for access logs in its guide to Athena.
const athena = `^([^ ]*) ([^ ]*) ([^ ]*) ([^ ]*):([0-9]*) ([^ ]*)[:-]([0-9]*) ([-.0-9]*) ([-.0-9]*) ([-.0-9]*) (|[-0-9]*) (-|[-0-9]*) ([-0-9]*) ([-0-9]*) "([^ ]*) (.*) (- |[^ ]*)" "([^"]*)" ([A-Z0-9-_]+) ([A-Za-z0-9.-]*) ([^ ]*) "([^"]*)" "([^"]*)" "([^"]*)" ([-.0-9]*) ([^ ]*) "([^"]*)" "([^"]*)" "([^ ]*)" "([^\s]+?)" "([^\s]+)" "([^ ]*)" "([^ ]*)" ?([^ ]*)? ?( .*)?$`

func (w *world) setBalancer(balancer string, pairs ...string) error {
	in := elb.ModifyLoadBalancerAttributesInput{LoadBalancerArn: &balancer}
	for i := 0; i < len(pairs); i += 2 {
		in.Attributes = append(in.Attributes, types.LoadBalancerAttribute{Key: &pairs[i], Value: &pairs[i+1]})
	}
	_, err := w.client.ModifyLoadBalancerAttributes(w.t.Context(), &in)
	return err
}

// bucket makes a bucket in the store and with the objects.
func (w *world) bucket(name string) s3.Bucket {
	w.t.Helper()
	b := s3.Bucket{Name: name, Spec: s3.BucketSpec{Account: scope.Account, Region: scope.Region, ID: "id-" + name}}
	w.update(func(tx *store.Tx) error {
		s3.Buckets.Put(tx, b)
		return w.env.Objects.MakeBucket(b.Spec.ID)
	})
	return b
}

func TestAccessLogsArrive(t *testing.T) {
	w := newWorld(t)
	w.run()
	bucket := w.bucket("logs")
	b, g := w.balancer("web", "sg-open"), w.targetGroup("g")
	w.listener(*b.LoadBalancerArn, 80, *g.TargetGroupArn)
	target := w.target("a", 10)
	w.register(*g.TargetGroupArn, target)
	w.awaitHealth(*g.TargetGroupArn, target, "healthy")
	err := w.setBalancer(*b.LoadBalancerArn, "access_logs.s3.enabled", "true", "access_logs.s3.bucket", "logs", "access_logs.s3.prefix", "lb",
		"connection_logs.s3.enabled", "true", "connection_logs.s3.bucket", "logs")
	if err != nil {
		t.Fatal(err)
	}
	keys := func() (keys []string) {
		page, err := w.env.Objects.List(bucket.Spec.ID, objects.Query{Limit: 100})
		if err != nil {
			t.Fatal(err)
		}
		for _, o := range page.Objects {
			keys = append(keys, o.Key)
		}
		return keys
	}
	var access string
	w.await("both logs", func() bool {
		w.get("/path?q=1")
		w.open() // a connection of its own
		connections := false
		for _, k := range keys() {
			if strings.HasPrefix(k, "lb/") {
				access = k
			}
			connections = connections || strings.Contains(k, "/conn_log.000000000000_")
		}
		return access != "" && connections
	})
	layout := `^lb/AWSLogs/000000000000/elasticloadbalancing/us-east-1/\d{4}/\d\d/\d\d/000000000000_elasticloadbalancing_us-east-1_app\.web\.[0-9a-f]{16}_\d{8}T\d{4}Z_127\.\d+\.\d+\.\d+_[0-9a-f]{8}\.log\.gz$`
	if !regexp.MustCompile(layout).MatchString(access) {
		t.Errorf("key %s", access)
	}
	body, err := s3.Fetch(w.env.Store.Snapshot(), w.env, scope, "logs", access)
	if err != nil {
		t.Fatal(err)
	}
	defer body.Close()
	unpacked, err := gzip.NewReader(body)
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(unpacked)
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(text)) {
		m := regexp.MustCompile(athena).FindStringSubmatch(strings.TrimSpace(line))
		if m == nil {
			t.Fatalf("no access log entry: %s", line)
		}
		if at, err := time.Parse(time.RFC3339Nano, m[2]); m[1] != "http" || err != nil || time.Since(at) > time.Hour ||
			m[6] != target.IP.String() || m[11] != "200" || m[21] != *g.TargetGroupArn || !strings.HasSuffix(m[16], "/path?q=1") || m[27] != "forward" {
			t.Errorf("fields %q", m[1:])
		}
	}
}

func TestLogAttributesNeedABucket(t *testing.T) {
	w := newWorld(t)
	w.bucket("logs")
	n := 0
	for want, pairs := range map[string][]string{
		"ValidationError":             {"access_logs.s3.enabled", "true"},
		"InvalidConfigurationRequest": {"connection_logs.s3.enabled", "true", "connection_logs.s3.bucket", "nowhere"},
		"ValidationError ":            {"access_logs.s3.enabled", "true", "access_logs.s3.bucket", "logs", "access_logs.s3.prefix", "a/AWSLogs"},
		"":                            {"access_logs.s3.enabled", "true", "access_logs.s3.bucket", "logs"},
	} {
		n++
		b := *w.balancer(fmt.Sprint("web", n), "sg-open").LoadBalancerArn
		if code := servicetest.Code(w.setBalancer(b, pairs...)); code != strings.TrimSpace(want) {
			t.Errorf("%v: %q, want %q", pairs, code, want)
		}
	}
}
