package elbv2_test

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	acmsdk "github.com/aws/aws-sdk-go-v2/service/acm"
	acmtypes "github.com/aws/aws-sdk-go-v2/service/acm/types"
	elb "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"

	"apex/internal/dataplane/authority"
	"apex/internal/dataplane/balancer"
	"apex/internal/dataplane/series"
	"apex/internal/service/acm"
	"apex/internal/service/elbv2"
	"apex/internal/service/servicetest"
	"apex/internal/store"
)

// A secureWorld has certificates too.
type secureWorld struct {
	*world
	acm *acmsdk.Client
}

func newSecureWorld(t *testing.T) *secureWorld {
	t.Helper()
	w := newWorld(t)
	s := acm.New(w.env, elbv2.CertificateUsers)
	servicetest.Run(t, w.env, s.Controllers()...)
	return &secureWorld{w, acmsdk.NewFromConfig(servicetest.Config(t, w.env, s.Routes()))}
}

// certificate requests one and waits until it is issued.
func (w *secureWorld) certificate(name string) string {
	w.t.Helper()
	out, err := w.acm.RequestCertificate(w.t.Context(), &acmsdk.RequestCertificateInput{
		DomainName: &name, ValidationMethod: acmtypes.ValidationMethodDns, KeyAlgorithm: acmtypes.KeyAlgorithmEcPrime256v1,
	})
	if err != nil {
		w.t.Fatal(err)
	}
	servicetest.Await(w.t, w.env, "issue", func(s store.Snapshot) bool {
		c, _ := acm.Lookup(s, *out.CertificateArn)
		return c.Material() != nil
	})
	return *out.CertificateArn
}

func (w *secureWorld) secureListener(balancer, certificate, group string) (types.Listener, error) {
	out, err := w.client.CreateListener(w.t.Context(), &elb.CreateListenerInput{
		LoadBalancerArn: &balancer, Port: aws.Int32(443), Protocol: types.ProtocolEnumHttps,
		Certificates: certificates(certificate), DefaultActions: forward(group),
	})
	if err != nil {
		return types.Listener{}, err
	}
	return out.Listeners[0], nil
}

func certificates(names ...string) (list []types.Certificate) {
	for _, n := range names {
		list = append(list, types.Certificate{CertificateArn: &n})
	}
	return list
}

// client trusts the home's authority.
func (w *secureWorld) client443(name string) *http.Client {
	w.t.Helper()
	ca, err := authority.Open(filepath.Join(w.env.Home, "authority"), time.Now())
	if err != nil {
		w.t.Fatal(err)
	}
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(ca.PEM())
	tr := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots, ServerName: name}}
	w.t.Cleanup(tr.CloseIdleConnections)
	return &http.Client{Transport: tr, Timeout: 20 * time.Second}
}

func (w *secureWorld) getTLS(c *http.Client) (string, error) {
	resp, err := c.Get(fmt.Sprintf("https://127.0.0.1:%d/", w.env.HTTPSPort))
	if err != nil {
		return "", err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	return string(body), err
}

// await tries until the answer is the wanted one.
func (w *secureWorld) awaitTLS(name, want string) {
	w.t.Helper()
	deadline := time.Now().Add(20 * time.Second)
	for {
		got, err := w.getTLS(w.client443(name))
		if got == want && err == nil {
			return
		}
		if time.Now().After(deadline) {
			w.t.Fatalf("%s: %q %v, want %q", name, got, err, want)
		}
		time.Sleep(20 * time.Millisecond)
	}
}

// awaitProtocol waits until a client that speaks both is offered the protocol.
func (w *secureWorld) awaitProtocol(want string) {
	w.t.Helper()
	config := &tls.Config{InsecureSkipVerify: true, NextProtos: []string{"h2", "http/1.1"}}
	deadline := time.Now().Add(20 * time.Second)
	for {
		c, err := tls.Dial("tcp", fmt.Sprintf("127.0.0.1:%d", w.env.HTTPSPort), config)
		if err != nil {
			w.t.Fatal(err)
		}
		got := c.ConnectionState().NegotiatedProtocol
		c.Close()
		if got == want {
			return
		}
		if time.Now().After(deadline) {
			w.t.Fatalf("protocol %q, want %q", got, want)
		}
		time.Sleep(20 * time.Millisecond)
	}
}

// HTTPS and HTTP together, a second certificate by name, and a kill of the
// process that holds the keys.
func TestServeHTTPS(t *testing.T) {
	w := newSecureWorld(t)
	w.run()
	b, g := w.balancer("web", "sg-open"), w.targetGroup("g")
	target := w.target("hello", 10)
	w.register(*g.TargetGroupArn, target)
	w.listener(*b.LoadBalancerArn, 80, *g.TargetGroupArn)
	first, second := w.certificate("crm.test"), w.certificate("shop.test")
	l, err := w.secureListener(*b.LoadBalancerArn, first, *g.TargetGroupArn)
	if err != nil {
		t.Fatal(err)
	}
	w.awaitHealth(*g.TargetGroupArn, target, "healthy")
	w.awaitTLS("crm.test", "hello")
	if got := w.get("/"); got != "hello" {
		t.Errorf("plain: %q", got)
	}
	for _, enabled := range []string{"true", "false"} {
		_, err := w.client.ModifyLoadBalancerAttributes(t.Context(), &elb.ModifyLoadBalancerAttributesInput{
			LoadBalancerArn: b.LoadBalancerArn, Attributes: []types.LoadBalancerAttribute{{Key: aws.String("routing.http2.enabled"), Value: &enabled}},
		})
		if err != nil {
			t.Fatal(err)
		}
		w.awaitProtocol(map[string]string{"true": "h2", "false": "http/1.1"}[enabled])
	}
	if got, err := w.getTLS(w.client443("shop.test")); err == nil {
		t.Errorf("shop.test without its certificate: %q", got)
	}
	if _, err := w.client.AddListenerCertificates(t.Context(), &elb.AddListenerCertificatesInput{ListenerArn: l.ListenerArn, Certificates: certificates(second)}); err != nil {
		t.Fatal(err)
	}
	w.awaitTLS("shop.test", "hello")
	dirs, _ := filepath.Glob(filepath.Join(w.env.Home, "balancers", "*-tls"))
	if len(dirs) != 1 {
		t.Fatalf("balancers for TLS: %v", dirs)
	}
	st, err := balancer.Observe(t.Context(), dirs[0])
	if err != nil {
		t.Fatal(err)
	}
	syscall.Kill(st.PID, syscall.SIGKILL)
	if got, err := w.getTLS(w.client443("crm.test")); got != "hello" {
		t.Errorf("the request after a kill: %q %v", got, err)
	}
}

// A renewed certificate reaches new connections; old ones go on.
func TestRenewalReachesTheListener(t *testing.T) {
	w := newSecureWorld(t)
	w.run()
	b, g := w.balancer("web", "sg-open"), w.targetGroup("g")
	target := w.target("hello", 10)
	w.register(*g.TargetGroupArn, target)
	name := w.certificate("crm.test")
	if _, err := w.secureListener(*b.LoadBalancerArn, name, *g.TargetGroupArn); err != nil {
		t.Fatal(err)
	}
	w.awaitTLS("crm.test", "hello")
	kept := w.client443("crm.test")
	serial := func(c *http.Client) string {
		resp, err := c.Get(fmt.Sprintf("https://127.0.0.1:%d/", w.env.HTTPSPort))
		if err != nil {
			return err.Error()
		}
		defer resp.Body.Close()
		io.Copy(io.Discard, resp.Body)
		return resp.TLS.PeerCertificates[0].SerialNumber.String()
	}
	before := serial(kept)
	if _, err := w.acm.RenewCertificate(t.Context(), &acmsdk.RenewCertificateInput{CertificateArn: &name}); err != nil {
		t.Fatal(err)
	}
	deadline := time.Now().Add(20 * time.Second)
	for serial(w.client443("crm.test")) == before {
		if time.Now().After(deadline) {
			t.Fatal("new connections see the old certificate")
		}
		time.Sleep(20 * time.Millisecond)
	}
	if now := serial(kept); now != before {
		t.Errorf("the kept connection was replaced: %s", now)
	}
}

func TestHTTPSListenerAPI(t *testing.T) {
	w := newSecureWorld(t)
	ctx := t.Context()
	b, g := w.balancer("web", "sg-open"), w.targetGroup("g")
	first, second := w.certificate("crm.test"), w.certificate("shop.test")
	l, err := w.secureListener(*b.LoadBalancerArn, first, *g.TargetGroupArn)
	if err != nil {
		t.Fatal(err)
	}
	if *l.SslPolicy != "ELBSecurityPolicy-TLS13-1-2-2021-06" || *l.Certificates[0].CertificateArn != first || *l.MutualAuthentication.Mode != "off" {
		t.Errorf("%+v", l)
	}
	if _, err := w.acm.DeleteCertificate(ctx, &acmsdk.DeleteCertificateInput{CertificateArn: &first}); servicetest.Code(err) != "ResourceInUseException" {
		t.Errorf("delete a certificate in use: %v", err)
	}
	add, err := w.client.AddListenerCertificates(ctx, &elb.AddListenerCertificatesInput{ListenerArn: l.ListenerArn, Certificates: certificates(second)})
	if err != nil || *add.Certificates[0].IsDefault {
		t.Fatalf("%v %v", add, err)
	}
	list := func() (names []string) {
		out, err := w.client.DescribeListenerCertificates(ctx, &elb.DescribeListenerCertificatesInput{ListenerArn: l.ListenerArn})
		if err != nil {
			t.Fatal(err)
		}
		for i, c := range out.Certificates {
			if *c.IsDefault != (i == 0) {
				t.Errorf("certificate %d: default %v", i, *c.IsDefault)
			}
			names = append(names, *c.CertificateArn)
		}
		return names
	}
	if got := list(); !slices.Equal(got, []string{first, second}) {
		t.Errorf("certificates %v", got)
	}
	_, err = w.client.RemoveListenerCertificates(ctx, &elb.RemoveListenerCertificatesInput{ListenerArn: l.ListenerArn, Certificates: certificates(first)})
	if servicetest.Code(err) != "OperationNotPermitted" {
		t.Errorf("remove the default: %v", err)
	}
	_, err = w.client.RemoveListenerCertificates(ctx, &elb.RemoveListenerCertificatesInput{ListenerArn: l.ListenerArn, Certificates: certificates(second)})
	if got := list(); err != nil || !slices.Equal(got, []string{first}) {
		t.Errorf("after removal %v: %v", got, err)
	}
	out, err := w.client.ModifyListener(ctx, &elb.ModifyListenerInput{ListenerArn: l.ListenerArn, SslPolicy: aws.String("ELBSecurityPolicy-TLS13-1-3-2021-06"), Certificates: certificates(second)})
	if err != nil || *out.Listeners[0].SslPolicy != "ELBSecurityPolicy-TLS13-1-3-2021-06" || *out.Listeners[0].Certificates[0].CertificateArn != second {
		t.Errorf("modified %+v: %v", out, err)
	}
	out, err = w.client.ModifyListener(ctx, &elb.ModifyListenerInput{ListenerArn: l.ListenerArn, Protocol: types.ProtocolEnumHttp, Port: aws.Int32(80)})
	if err != nil || out.Listeners[0].SslPolicy != nil || out.Listeners[0].Certificates != nil {
		t.Errorf("made plain %+v: %v", out, err)
	}
	if _, err := w.acm.DeleteCertificate(ctx, &acmsdk.DeleteCertificateInput{CertificateArn: &second}); err != nil {
		t.Error(err)
	}
}

func TestHTTPSListenerRefusals(t *testing.T) {
	w := newSecureWorld(t)
	b, g := w.balancer("web", "sg-open"), w.targetGroup("g")
	cert := w.certificate("crm.test")
	for name, tt := range map[string]struct {
		change func(*elb.CreateListenerInput)
		want   string
	}{
		"no certificate":   {func(in *elb.CreateListenerInput) { in.Certificates = nil }, "ValidationError"},
		"two certificates": {func(in *elb.CreateListenerInput) { in.Certificates = certificates(cert, cert) }, "ValidationError"},
		"unknown":          {func(in *elb.CreateListenerInput) { in.Certificates = certificates(cert + "0") }, "CertificateNotFound"},
		"another service's": {func(in *elb.CreateListenerInput) {
			in.Certificates = certificates("arn:aws:iam::000000000000:server-certificate/x")
		}, "CertificateNotFound"},
		"unknown policy": {func(in *elb.CreateListenerInput) { in.SslPolicy = aws.String("ELBSecurityPolicy-none") }, "SSLPolicyNotFound"},
		"ALPN":           {func(in *elb.CreateListenerInput) { in.AlpnPolicy = []string{"HTTP2Only"} }, "ALPNPolicyNotFound"},
		"plain with policy": {func(in *elb.CreateListenerInput) {
			in.Protocol, in.Certificates, in.SslPolicy = types.ProtocolEnumHttp, nil, aws.String("ELBSecurityPolicy-2016-08")
		}, "ValidationError"},
		"mutual, unknown mode": {func(in *elb.CreateListenerInput) {
			in.MutualAuthentication = &types.MutualAuthenticationAttributes{Mode: aws.String("maybe")}
		}, "ValidationError"},
		"verified by nobody": {func(in *elb.CreateListenerInput) {
			in.MutualAuthentication = &types.MutualAuthenticationAttributes{Mode: aws.String("verify")}
		}, "ValidationError"},
		"verified by what is not there": {func(in *elb.CreateListenerInput) {
			in.MutualAuthentication = &types.MutualAuthenticationAttributes{Mode: aws.String("verify"), TrustStoreArn: b.LoadBalancerArn}
		}, "TrustStoreNotFound"},
		"passed on by a trust store": {func(in *elb.CreateListenerInput) {
			in.MutualAuthentication = &types.MutualAuthenticationAttributes{Mode: aws.String("passthrough"), TrustStoreArn: b.LoadBalancerArn}
		}, "ValidationError"},
	} {
		in := elb.CreateListenerInput{
			LoadBalancerArn: b.LoadBalancerArn, Port: aws.Int32(443), Protocol: types.ProtocolEnumHttps,
			Certificates: certificates(cert), DefaultActions: forward(*g.TargetGroupArn),
		}
		tt.change(&in)
		if _, err := w.client.CreateListener(t.Context(), &in); servicetest.Code(err) != tt.want {
			t.Errorf("%s: %v, want %s", name, err, tt.want)
		}
	}
}

// TestPoliciesCanBeServed builds what every policy means.
func TestPoliciesCanBeServed(t *testing.T) {
	w := newSecureWorld(t)
	out, err := w.client.DescribeSSLPolicies(t.Context(), &elb.DescribeSSLPoliciesInput{})
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range out.SslPolicies {
		for _, c := range p.Ciphers {
			if _, served := balancer.CipherSuites[*c.Name]; !served && (*c.Name)[:4] != "TLS_" {
				t.Errorf("%s lists %s, which is not served", *p.Name, *c.Name)
			}
		}
	}
	_, err = w.client.DescribeSSLPolicies(t.Context(), &elb.DescribeSSLPoliciesInput{Names: []string{"x"}})
	if servicetest.Code(err) != "SSLPolicyNotFound" {
		t.Error(errors.Unwrap(err))
	}
}

// TestGRPCTargetGroup sends a call through the API's own settings: default path
// and matcher, and HTTPS alone.
func TestGRPCTargetGroup(t *testing.T) {
	w := newSecureWorld(t)
	w.run()
	b := w.balancer("web", "sg-open")
	out, err := w.client.CreateTargetGroup(t.Context(), &elb.CreateTargetGroupInput{
		Name: aws.String("calls"), Protocol: types.ProtocolEnumHttp, ProtocolVersion: aws.String("GRPC"), Port: aws.Int32(50051),
		VpcId: aws.String("vpc-1"), TargetType: types.TargetTypeEnumIp,
	})
	if err != nil {
		t.Fatal(err)
	}
	g := out.TargetGroups[0]
	if *g.ProtocolVersion != "GRPC" || *g.HealthCheckPath != "/AWS.ALB/healthcheck" || *g.Matcher.GrpcCode != "12" || g.Matcher.HttpCode != nil {
		t.Errorf("%+v %+v", g, g.Matcher)
	}
	target := w.grpcTarget(10)
	w.register(*g.TargetGroupArn, target)
	_, err = w.client.CreateListener(t.Context(), &elb.CreateListenerInput{
		LoadBalancerArn: b.LoadBalancerArn, Port: aws.Int32(80), Protocol: types.ProtocolEnumHttp, DefaultActions: forward(*g.TargetGroupArn),
	})
	if servicetest.Code(err) != "InvalidConfigurationRequest" {
		t.Errorf("gRPC on a plain listener: %v", err)
	}
	if _, err := w.secureListener(*b.LoadBalancerArn, w.certificate("crm.test"), *g.TargetGroupArn); err != nil {
		t.Fatal(err)
	}
	w.awaitHealth(*g.TargetGroupArn, target, "healthy")
	c := w.client443("crm.test")
	c.Transport.(*http.Transport).ForceAttemptHTTP2 = true
	req, _ := http.NewRequest("POST", fmt.Sprintf("https://127.0.0.1:%d/a.A/Call", w.env.HTTPSPort), bytes.NewReader([]byte{0, 0, 0, 0, 0}))
	req.Header.Set("Content-Type", "application/grpc")
	resp, err := c.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	io.Copy(io.Discard, resp.Body)
	if resp.StatusCode != 200 || resp.Trailer.Get("Grpc-Status") != "0" {
		t.Errorf("%s, trailers %v", resp.Status, resp.Trailer)
	}
}

// grpcTarget knows one method; for others it answers as gRPC servers do.
func (w *secureWorld) grpcTarget(last int) elbv2.Target {
	w.t.Helper()
	l, err := net.Listen("tcp", fmt.Sprintf("%s.%d:0", w.block, last))
	if err != nil {
		w.t.Fatal(err)
	}
	s := httptest.NewUnstartedServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		status := "12"
		if r.URL.Path == "/a.A/Call" {
			status = "0"
		}
		rw.Header().Set("Content-Type", "application/grpc")
		rw.Header().Set("Trailer", "Grpc-Status")
		rw.WriteHeader(200)
		rw.Header().Set("Grpc-Status", status)
	}))
	s.Listener.Close()
	s.Listener = l
	s.Config.Protocols = new(http.Protocols)
	s.Config.Protocols.SetUnencryptedHTTP2(true)
	s.Start()
	w.t.Cleanup(s.Close)
	addr := l.Addr().(*net.TCPAddr).AddrPort()
	return elbv2.Target{IP: addr.Addr(), Port: int(addr.Port()), Zone: "us-east-1a"}
}

func TestTargetGroupVersions(t *testing.T) {
	w := newWorld(t)
	for name, tt := range map[string]struct {
		version, protocol string
		matcher           *types.Matcher
		want              string
	}{
		"HTTP2":                   {"HTTP2", "HTTP", nil, ""},
		"HTTPS":                   {"HTTP1", "HTTPS", nil, ""},
		"gRPC over TLS":           {"GRPC", "HTTPS", &types.Matcher{GrpcCode: aws.String("0-5,12")}, ""},
		"unknown version":         {"HTTP3", "HTTP", nil, "ValidationError"},
		"HTTP code for gRPC":      {"GRPC", "HTTP", &types.Matcher{HttpCode: aws.String("200")}, "ValidationError"},
		"gRPC code for HTTP2":     {"HTTP2", "HTTP", &types.Matcher{GrpcCode: aws.String("0")}, "ValidationError"},
		"gRPC code out of bounds": {"GRPC", "HTTP", &types.Matcher{GrpcCode: aws.String("100")}, "ValidationError"},
		"TCP":                     {"", "TCP", nil, "InvalidConfigurationRequest"},
	} {
		in := elb.CreateTargetGroupInput{
			Name: aws.String("g-" + name[:2] + name[len(name)-2:]), Protocol: types.ProtocolEnum(tt.protocol), Port: aws.Int32(1),
			VpcId: aws.String("vpc-1"), TargetType: types.TargetTypeEnumIp, Matcher: tt.matcher,
		}
		if tt.version != "" {
			in.ProtocolVersion = &tt.version
		}
		*in.Name = strings.ReplaceAll(*in.Name, " ", "-")
		out, err := w.client.CreateTargetGroup(t.Context(), &in)
		if servicetest.Code(err) != tt.want {
			t.Errorf("%s: %v, want %q", name, err, tt.want)
		}
		if err == nil && (*out.TargetGroups[0].ProtocolVersion != tt.version || string(out.TargetGroups[0].Protocol) != tt.protocol) {
			t.Errorf("%s: %+v", name, out.TargetGroups[0])
		}
	}
}

// TestFiguresOfHTTPS counts what both of a load balancer's processes saw.
func TestFiguresOfHTTPS(t *testing.T) {
	w := newSecureWorld(t)
	w.run()
	b, g := w.balancer("web", "sg-open"), w.targetGroup("g")
	target := w.target("hello", 10)
	w.register(*g.TargetGroupArn, target)
	w.listener(*b.LoadBalancerArn, 80, *g.TargetGroupArn)
	if _, err := w.secureListener(*b.LoadBalancerArn, w.certificate("crm.test"), *g.TargetGroupArn); err != nil {
		t.Fatal(err)
	}
	w.awaitTLS("crm.test", "hello")
	name := (*b.LoadBalancerArn)[strings.Index(*b.LoadBalancerArn, "app/"):]
	sum := func(metric string) (n float64) {
		id := series.NewID(scope.Prefix(), "AWS/ApplicationELB", metric, "LoadBalancer", name)
		for _, s := range w.env.Metrics.Read(id, time.Now().Add(-time.Hour), time.Now().Add(time.Minute), time.Minute) {
			n += s.Sum
		}
		return n
	}
	deadline := time.Now().Add(20 * time.Second)
	for plain, secure := 0, 0; sum("ClientTLSNegotiationErrorCount") < 1 || sum("RequestCount") < 2; {
		if w.get("/") == "hello" {
			plain++
		}
		if _, err := w.getTLS(w.client443("crm.test")); err == nil {
			secure++
		}
		if _, err := w.getTLS(w.client443("unknown.test")); err == nil {
			t.Fatal("a client accepted a certificate for another name")
		}
		if time.Now().After(deadline) {
			t.Fatalf("told of %v requests and %v TLS errors after %d and %d requests", sum("RequestCount"), sum("ClientTLSNegotiationErrorCount"), plain, secure)
		}
		time.Sleep(100 * time.Millisecond)
	}
}

func request(t *testing.T, address string) *http.Request {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address, nil)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// awaitStatus asks over HTTPS until the answer has the status.
func (w *secureWorld) awaitStatus(want int) {
	w.t.Helper()
	client := w.client443("crm.test")
	w.await(fmt.Sprint("status ", want), func() bool {
		resp, err := client.Get(fmt.Sprintf("https://127.0.0.1:%d/", w.env.HTTPSPort))
		if err != nil {
			return false
		}
		resp.Body.Close()
		return resp.StatusCode == want
	})
}
