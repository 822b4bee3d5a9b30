package main

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	ctls "crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"math/big"
	"time"

	"apex/internal/dataplane/balancer"
)

// A row is one kind of load, and the proxies that are compared under it. The
// first is ours, the second is what the ratio is to.
type row struct {
	name    string
	path    string
	clients int
	rules   int
	gzip    bool
	tls     *balancer.TLS
	pem     string // the certificate and key of tls
	load    func(context.Context, *proxy, row, time.Duration) (sample, error)
	proxies []kind
}

func rows() []row {
	secured, pem := certificate()
	all := []kind{apex, nginx, nginxLog, haproxy, caddy}
	return []row{
		{name: "1 KiB, 32 clients", path: "/1k", clients: 32, rules: 10, load: kept, proxies: all},
		{name: "1 KiB, 128 clients", path: "/1k", clients: 128, rules: 10, load: kept, proxies: all},
		{name: "64 KiB, 32 clients", path: "/64k", clients: 32, rules: 10, load: kept, proxies: all},
		{name: "4 KiB JSON, gzip, 32 clients", path: "/json", clients: 32, rules: 10, gzip: true, load: kept, proxies: []kind{apex, nginx, haproxy}},
		{name: "1 KiB, 32 clients, 1,000 rules", path: "/1k", clients: 32, rules: 1000, load: kept, proxies: []kind{apex, nginx}},
		{name: "TLS, kept, 1 KiB, 32 clients", path: "/1k", clients: 32, rules: 10, tls: secured, pem: pem, load: kept, proxies: []kind{apex, haproxy}},
		{name: "TLS, new handshakes, 8 clients", path: "/1k", clients: 8, rules: 10, tls: secured, pem: pem, load: fresh, proxies: []kind{apex, haproxy}},
	}
}

// certificate makes one for this run, as both proxies take it.
func certificate() (*balancer.TLS, string) {
	key, _ := ecdsa.GenerateKey(elliptic.P256(), rand.Reader) // P-256 and a template that is right cannot fail
	template := &x509.Certificate{SerialNumber: big.NewInt(1), DNSNames: []string{"localhost"}, NotAfter: time.Now().Add(24 * time.Hour)}
	der, _ := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	keyDER, _ := x509.MarshalPKCS8PrivateKey(key)
	chain := string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}))
	private := string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: keyDER}))
	return &balancer.TLS{
		MinVersion: ctls.VersionTLS12, MaxVersion: ctls.VersionTLS13,
		Certificates: []balancer.Certificate{{ID: "bench", Chain: chain, Key: private}},
	}, chain + private
}
