package elbv2

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"apex/internal/api/elbv2api"
	"apex/internal/arn"
	"apex/internal/controller"
	"apex/internal/dataplane/balancer"
	"apex/internal/service/ec2"
	"apex/internal/service/s3"
	"apex/internal/store"
)

const (
	deliverEvery = time.Second
	deliverPause = 30 * time.Second // after a delivery that did not succeed
)

// A logKind is one of the logs that a load balancer writes into a bucket.
type logKind struct {
	attributes string // "access_logs.s3", the beginning of its attributes
	dir        string // of the balancer's records
	filePrefix string
}

var logKinds = []logKind{
	{"access_logs.s3", balancer.AccessDir, ""},
	{"connection_logs.s3", balancer.ConnectionsDir, "conn_log."},
}

func (k logKind) value(set map[string]string, key string) string {
	return valueOf(loadBalancerAttributes, set, k.attributes+"."+key)
}

func (k logKind) enabled(set map[string]string) bool { return k.value(set, "enabled") == "true" }

// checkLogs wants a bucket for each log that is switched on.
func checkLogs(r store.Reader, scope arn.Scope, set map[string]string) error {
	for _, k := range logKinds {
		if !k.enabled(set) {
			continue
		}
		bucket, prefix := k.value(set, "bucket"), k.value(set, "prefix")
		b, ok := s3.Buckets.Get(r, bucket)
		switch {
		case bucket == "":
			return invalid("%s.bucket must be specified when %s.enabled is true", k.attributes, k.attributes)
		case !ok || b.Spec.Account != scope.Account:
			return elbv2api.NewInvalidConfigurationRequestException("Access Denied for bucket: %s. Please check S3bucket permission", bucket)
		case strings.Contains(prefix, "AWSLogs") || strings.HasPrefix(prefix, "/") || strings.HasSuffix(prefix, "/"):
			return invalid("The prefix '%s' must not contain AWSLogs, nor begin or end with a slash", prefix)
		}
	}
	return nil
}

// records says which records a load balancer's balancer writes.
func (p planner) records(b *LoadBalancer) balancer.Records {
	return balancer.Records{
		Name:        "app/" + b.Spec.Name + "/" + b.Spec.ID,
		Access:      logKinds[0].enabled(b.Spec.Attributes),
		Connections: logKinds[1].enabled(b.Spec.Attributes),
		Every:       p.profile.Period(5 * time.Minute),
	}
}

// deliveryController puts finished files of records into buckets as long as the
// region runs.
func (s *Service) deliveryController() controller.Controller {
	later := map[string]time.Time{} // directories that wait after a failure
	return controller.Every("elbv2/logs", deliverEvery, func(ctx context.Context) { s.deliverAll(ctx, later) })
}

func (s *Service) deliverAll(ctx context.Context, later map[string]time.Time) {
	snap, now := s.env.Store.Snapshot(), s.env.Now()
	for key, b := range LoadBalancers.All(snap) {
		for _, k := range logKinds {
			for _, home := range []string{s.dir(key), s.secureDir(key)} {
				dir := filepath.Join(home, k.dir)
				if !k.enabled(b.Spec.Attributes) || now.Before(later[dir]) {
					continue
				}
				delete(later, dir)
				if err := s.deliver(snap, &b, k, dir); err != nil {
					later[dir] = now.Add(deliverPause)
					s.env.Log.WarnContext(ctx, "log of a load balancer not delivered", "key", key, "error", err)
				}
			}
		}
	}
}

// deliver puts a directory's finished files into the log's bucket and removes
// them. A file that was delivered already gets the same name again.
func (s *Service) deliver(r store.Reader, b *LoadBalancer, k logKind, dir string) error {
	files, err := filepath.Glob(filepath.Join(dir, "*.log"))
	if err != nil {
		return fmt.Errorf("records: %w", err)
	}
	slices.Sort(files)
	scope, _ := arn.SplitKey(b.Key)
	for _, path := range files {
		text, err := os.ReadFile(path)
		if err != nil {
			return fmt.Errorf("records: %w", err)
		}
		packed, err := compressed(text)
		if err != nil {
			return fmt.Errorf("records: %w", err)
		}
		key := k.object(scope, b, filepath.Base(path), firstAddress(r, scope, b))
		if err := s3.Deliver(r, s.env, scope, k.value(b.Spec.Attributes, "bucket"), key, "application/x-gzip", packed); err != nil {
			return err
		}
		if err := os.Remove(path); err != nil {
			return fmt.Errorf("records: %w", err)
		}
	}
	return nil
}

func compressed(text []byte) (*bytes.Buffer, error) {
	var out bytes.Buffer
	w := gzip.NewWriter(&out)
	_, err := w.Write(text)
	return &out, errors.Join(err, w.Close())
}

func firstAddress(r store.Reader, scope arn.Scope, b *LoadBalancer) string {
	for _, n := range b.Spec.Nodes {
		if eni, ok := ec2.NetworkInterfaces.Get(r, scope.Key(n.InterfaceID)); ok {
			return eni.Spec.PrivateIP.String()
		}
	}
	return "0.0.0.0"
}

// object is the key of a file of records, "<start>_<end>.log", as AWS lays logs
// out: by day, and named for the time the file ends, the node's address and
// something random, which here follows from the file.
func (k logKind) object(scope arn.Scope, b *LoadBalancer, file, address string) string {
	_, end, _ := strings.Cut(strings.TrimSuffix(file, ".log"), "_")
	at, err := time.Parse(balancer.JournalTime, end)
	if err != nil {
		at = b.Spec.CreatedAt
	}
	sum := sha256.Sum256([]byte(k.dir + b.Key + file))
	key := fmt.Sprintf("AWSLogs/%s/elasticloadbalancing/%s/%s/%s%s_elasticloadbalancing_%s_app.%s.%s_%s_%s_%s.log.gz",
		scope.Account, scope.Region, at.UTC().Format("2006/01/02"), k.filePrefix, scope.Account, scope.Region,
		b.Spec.Name, b.Spec.ID, at.UTC().Format("20060102T1504Z"), address, hex.EncodeToString(sum[:4]))
	if prefix := k.value(b.Spec.Attributes, "prefix"); prefix != "" {
		key = prefix + "/" + key
	}
	return key
}
