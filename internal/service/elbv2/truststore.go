package elbv2

import (
	"context"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"apex/internal/api/elbv2api"
	"apex/internal/arn"
	"apex/internal/controller"
	"apex/internal/service/s3"
	"apex/internal/store"
	"apex/internal/tag"
)

// TrustStores holds all trust stores; keys are as the other tables'.
var TrustStores = store.NewTable("elbv2.trust-stores", func(t *TrustStore) string { return t.Key })

// A TrustStore is authorities that vouch for clients.
type TrustStore struct {
	Key    string // "…/truststore/name/0123456789abcdef"
	Spec   TrustStoreSpec
	Status TrustStoreStatus
}

// ARN returns the trust store's name.
func (t *TrustStore) ARN() string { return arnOf(t.Key) }

// TrustStoreSpec is what the caller asked for.
type TrustStoreSpec struct {
	Name      string
	Bundle    Bundle
	Tags      tag.Tags
	CreatedAt time.Time
}

// A Bundle is where the authorities' certificates lie in S3, and when they were
// last asked for.
type Bundle struct {
	Bucket, Key string
	AskedAt     time.Time
}

// TrustStoreStatus is what was read.
type TrustStoreStatus struct {
	Authorities string // PEM; empty until the first bundle was read
	Count       int
	Read        Bundle
	Fault       string // why the bundle that is asked for cannot be read
}

// bundleLimit is the largest bundle.
const bundleLimit = 1 << 20

// bundleAgain is how soon a bundle that could not be read is looked for again.
const bundleAgain = 5 * time.Second

// trustStoreController reads the bundles of trust stores.
func (s *Service) trustStoreController() controller.Controller {
	return controller.New(controller.Spec[TrustStore, TrustStoreStatus]{
		Name: "elbv2/trust-store", Table: TrustStores,
		Status: func(t *TrustStore) *TrustStoreStatus { return &t.Status },
		Reconcile: func(_ context.Context, snap store.Snapshot, key string) (TrustStoreStatus, error) {
			t, ok := TrustStores.Get(snap, key)
			if !ok || t.Status.Read == t.Spec.Bundle {
				return t.Status, nil
			}
			authorities, n, err := s.readBundle(snap, key, t.Spec.Bundle)
			if err != nil {
				t.Status.Fault = err.Error()
				return t.Status, controller.Again(bundleAgain)
			}
			return TrustStoreStatus{Authorities: authorities, Count: n, Read: t.Spec.Bundle}, nil
		},
	})
}

// readBundle returns the certificates of a bundle and how many they are.
func (s *Service) readBundle(r store.Reader, key string, b Bundle) (string, int, error) {
	scope, _ := arn.SplitKey(key)
	object, err := s3.Fetch(r, s.env, scope, b.Bucket, b.Key)
	if err != nil {
		return "", 0, err
	}
	defer object.Close()
	data, err := io.ReadAll(io.LimitReader(object, bundleLimit))
	if err != nil {
		return "", 0, err
	}
	n, err := countAuthorities(data)
	return string(data), n, err
}

// countAuthorities checks that data is certificates of authorities in PEM.
func countAuthorities(data []byte) (n int, err error) {
	for len(strings.TrimSpace(string(data))) > 0 {
		var block *pem.Block
		if block, data = pem.Decode(data); block == nil || block.Type != "CERTIFICATE" {
			return 0, errors.New("bundle: holds something that is no certificate")
		}
		c, err := x509.ParseCertificate(block.Bytes)
		if err != nil {
			return 0, fmt.Errorf("bundle: %w", err)
		}
		if !c.IsCA {
			return 0, fmt.Errorf("bundle: %s is no authority", c.Subject)
		}
		n++
	}
	if n == 0 {
		return 0, errors.New("bundle: is empty")
	}
	return n, nil
}

// trustUsers returns the listeners that verify clients by a trust store.
func trustUsers(r store.Reader, name string) (listeners []Listener) {
	for _, l := range Listeners.All(r) {
		if l.Spec.TLS != nil && l.Spec.TLS.Mutual.TrustStore == name {
			listeners = append(listeners, l)
		}
	}
	return listeners
}

func describeTrustStore(t *TrustStore) elbv2api.TrustStore {
	status, n := elbv2api.TrustStoreStatusCreating, int64(t.Status.Count)
	if t.Status.Authorities != "" {
		status = elbv2api.TrustStoreStatusActive
	}
	name, revoked := t.ARN(), int64(0)
	return elbv2api.TrustStore{
		Name: &t.Spec.Name, TrustStoreArn: &name, Status: &status, NumberOfCaCertificates: &n, TotalRevokedEntries: &revoked,
	}
}
