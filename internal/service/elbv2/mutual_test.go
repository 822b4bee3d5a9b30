package elbv2_test

import (
	"bytes"
	"crypto/tls"
	"net/http"
	"path/filepath"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	elb "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"

	"apex/internal/dataplane/authority"
	"apex/internal/service/elbv2"
	"apex/internal/service/s3"
	"apex/internal/service/servicetest"
	"apex/internal/store"
)

// clients makes an authority for clients and a certificate by it.
func clients(t *testing.T) (authorities []byte, ann tls.Certificate) {
	t.Helper()
	ca, err := authority.Open(filepath.Join(t.TempDir(), "clients"), time.Now())
	if err != nil {
		t.Fatal(err)
	}
	made, err := ca.Issue(authority.Request{Names: []string{"ann.test"}, Key: authority.P256, Now: time.Now(), Life: 24 * time.Hour})
	if err != nil {
		t.Fatal(err)
	}
	if ann, err = tls.X509KeyPair(made.Certificate, made.Key); err != nil {
		t.Fatal(err)
	}
	return ca.PEM(), ann
}

// upload puts an object into the bucket "trust", which it makes if need be.
func (w *secureWorld) upload(key string, data []byte) {
	w.t.Helper()
	if err := w.env.Objects.MakeBucket("b-trust"); err != nil {
		w.t.Fatal(err)
	}
	w.update(func(tx *store.Tx) error {
		s3.Buckets.Put(tx, s3.Bucket{Name: "trust", Spec: s3.BucketSpec{ID: "b-trust", Account: scope.Account, Region: scope.Region}})
		return nil
	})
	if err := s3.Deliver(w.env.Store.Snapshot(), w.env, scope, "trust", key, "application/x-pem-file", bytes.NewReader(data)); err != nil {
		w.t.Fatal(err)
	}
}

func (w *secureWorld) trustStore(name, key string) string {
	w.t.Helper()
	out, err := w.client.CreateTrustStore(w.t.Context(), &elb.CreateTrustStoreInput{
		Name: &name, CaCertificatesBundleS3Bucket: aws.String("trust"), CaCertificatesBundleS3Key: &key,
	})
	if err != nil {
		w.t.Fatal(err)
	}
	return *out.TrustStores[0].TrustStoreArn
}

// awaitTrust waits until a trust store has read so many authorities, or a fault.
func (w *secureWorld) awaitTrust(name string, count int, faulty bool) {
	w.t.Helper()
	servicetest.Await(w.t, w.env, "trust store read", func(s store.Snapshot) bool {
		for _, t := range elbv2.TrustStores.All(s) {
			if t.ARN() == name {
				return t.Status.Count == count && (t.Status.Fault != "") == faulty
			}
		}
		return false
	})
}

// TestMutualTLS verifies clients by a bundle in S3, and by the one that replaces it.
func TestMutualTLS(t *testing.T) {
	w := newSecureWorld(t)
	w.run()
	authorities, ann := clients(t)
	w.upload("first.pem", authorities)
	name := w.trustStore("clients", "first.pem")
	w.awaitTrust(name, 1, false)
	b, g := w.balancer("web", "sg-open"), w.targetGroup("g")
	target := w.target("hello", 10)
	w.register(*g.TargetGroupArn, target)
	l, err := w.secureListener(*b.LoadBalancerArn, w.certificate("crm.test"), *g.TargetGroupArn)
	if err != nil {
		t.Fatal(err)
	}
	w.awaitTLS("crm.test", "hello")
	verify := &types.MutualAuthenticationAttributes{Mode: aws.String("verify"), TrustStoreArn: &name}
	out, err := w.client.ModifyListener(t.Context(), &elb.ModifyListenerInput{ListenerArn: l.ListenerArn, MutualAuthentication: verify})
	if err != nil || *out.Listeners[0].MutualAuthentication.TrustStoreArn != name {
		t.Fatalf("%v %v", out, err)
	}
	known := func() *http.Client {
		c := w.client443("crm.test")
		c.Transport.(*http.Transport).TLSClientConfig.Certificates = []tls.Certificate{ann}
		return c
	}
	w.until("a client without a certificate is refused", func() bool { _, err := w.getTLS(w.client443("crm.test")); return err != nil })
	w.until("one with a certificate is let in", func() bool { got, err := w.getTLS(known()); return err == nil && got == "hello" })

	others, _ := clients(t)
	w.upload("second.pem", others)
	if _, err := w.client.DeleteTrustStore(t.Context(), &elb.DeleteTrustStoreInput{TrustStoreArn: &name}); servicetest.Code(err) != "TrustStoreInUse" {
		t.Errorf("delete a store in use: %v", err)
	}
	_, err = w.client.ModifyTrustStore(t.Context(), &elb.ModifyTrustStoreInput{
		TrustStoreArn: &name, CaCertificatesBundleS3Bucket: aws.String("trust"), CaCertificatesBundleS3Key: aws.String("second.pem"),
	})
	if err != nil {
		t.Fatal(err)
	}
	w.until("it is refused when its authority has gone", func() bool { _, err := w.getTLS(known()); return err != nil })
}

func (w *secureWorld) until(what string, holds func() bool) {
	w.t.Helper()
	for deadline := time.Now().Add(20 * time.Second); !holds(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			w.t.Fatal("never: " + what)
		}
	}
}

func TestTrustStores(t *testing.T) {
	w := newSecureWorld(t)
	w.run()
	authorities, _ := clients(t)
	w.upload("good.pem", append(bytes.Clone(authorities), authorities...))
	w.upload("bad.pem", []byte("hello"))
	good, bad := w.trustStore("good", "good.pem"), w.trustStore("bad", "bad.pem")
	missing := w.trustStore("missing", "none.pem")
	w.awaitTrust(good, 2, false)
	w.awaitTrust(bad, 0, true)
	w.awaitTrust(missing, 0, true)
	out, err := w.client.DescribeTrustStores(t.Context(), &elb.DescribeTrustStoresInput{Names: []string{"good"}})
	if err != nil || len(out.TrustStores) != 1 || out.TrustStores[0].Status != types.TrustStoreStatusActive || *out.TrustStores[0].NumberOfCaCertificates != 2 {
		t.Errorf("%+v %v", out, err)
	}
	b, g := w.balancer("web", "sg-open"), w.targetGroup("g")
	l, err := w.secureListener(*b.LoadBalancerArn, w.certificate("crm.test"), *g.TargetGroupArn)
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{bad: "TrustStoreNotReady", good: ""} {
		_, err = w.client.ModifyListener(t.Context(), &elb.ModifyListenerInput{
			ListenerArn: l.ListenerArn, MutualAuthentication: &types.MutualAuthenticationAttributes{Mode: aws.String("verify"), TrustStoreArn: &name},
		})
		if servicetest.Code(err) != want {
			t.Errorf("%s: %v, want %q", name, err, want)
		}
	}
	used, err := w.client.DescribeTrustStoreAssociations(t.Context(), &elb.DescribeTrustStoreAssociationsInput{TrustStoreArn: &good})
	if err != nil || len(used.TrustStoreAssociations) != 1 || *used.TrustStoreAssociations[0].ResourceArn != *l.ListenerArn {
		t.Errorf("%+v %v", used, err)
	}
	_, err = w.client.CreateTrustStore(t.Context(), &elb.CreateTrustStoreInput{
		Name: aws.String("good"), CaCertificatesBundleS3Bucket: aws.String("trust"), CaCertificatesBundleS3Key: aws.String("good.pem"),
	})
	if servicetest.Code(err) != "DuplicateTrustStoreName" {
		t.Errorf("twice: %v", err)
	}
	if _, err := w.client.DeleteTrustStore(t.Context(), &elb.DeleteTrustStoreInput{TrustStoreArn: &bad}); err != nil {
		t.Error(err)
	}
}
