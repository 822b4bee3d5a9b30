package acm

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/acm"
	"github.com/aws/aws-sdk-go-v2/service/acm/types"
	"github.com/google/go-cmp/cmp"

	"apex/internal/dataplane/authority"
	"apex/internal/service"
	"apex/internal/service/servicetest"
	"apex/internal/store"
)

// A world is the service with a clock, and with certificates that the test says
// are in use.
type world struct {
	*sdk.Client
	t     *testing.T
	env   service.Env
	clock *servicetest.Clock
	users map[string][]string
}

func start(t *testing.T) *world {
	t.Helper()
	w := &world{t: t, env: servicetest.Env(t, Tables()...), users: map[string][]string{}}
	w.clock = servicetest.NewClock(time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC))
	w.env.Now = w.clock.Now
	s := New(w.env, func(_ store.Reader, name string) []string { return w.users[name] })
	servicetest.Run(t, w.env, s.Controllers()...)
	w.Client = sdk.NewFromConfig(servicetest.Config(t, w.env, s.Routes()))
	return w
}

func (w *world) request(in sdk.RequestCertificateInput) string {
	w.t.Helper()
	out, err := w.RequestCertificate(w.t.Context(), &in)
	if err != nil {
		w.t.Fatal(err)
	}
	return *out.CertificateArn
}

func (w *world) describe(name string) *types.CertificateDetail {
	w.t.Helper()
	out, err := w.DescribeCertificate(w.t.Context(), &sdk.DescribeCertificateInput{CertificateArn: &name})
	if err != nil {
		w.t.Fatal(err)
	}
	return out.Certificate
}

// issued requests a certificate and waits for it.
func (w *world) issued(in sdk.RequestCertificateInput) string {
	w.t.Helper()
	name := w.request(in)
	servicetest.Await(w.t, w.env, "issue", func(s store.Snapshot) bool {
		c, _ := Lookup(s, name)
		return c.Status.Issued != nil
	})
	return name
}

func (w *world) list(in sdk.ListCertificatesInput) (domains []string) {
	w.t.Helper()
	for {
		out, err := w.ListCertificates(w.t.Context(), &in)
		if err != nil {
			w.t.Fatal(err)
		}
		for _, c := range out.CertificateSummaryList {
			domains = append(domains, *c.DomainName)
		}
		if in.NextToken = out.NextToken; in.NextToken == nil {
			return domains
		}
	}
}

func TestRequestIsIssued(t *testing.T) {
	w := start(t)
	name := w.issued(sdk.RequestCertificateInput{
		DomainName: aws.String("CRM.test"), SubjectAlternativeNames: []string{"*.crm.test", "crm.test"},
		ValidationMethod: types.ValidationMethodDns, KeyAlgorithm: types.KeyAlgorithmEcPrime256v1,
	})
	d := w.describe(name)
	if d.Status != types.CertificateStatusIssued || d.Type != types.CertificateTypeAmazonIssued || *d.DomainName != "crm.test" {
		t.Errorf("%s %s %s", d.Status, d.Type, *d.DomainName)
	}
	if diff := cmp.Diff([]string{"crm.test", "*.crm.test"}, d.SubjectAlternativeNames); diff != "" {
		t.Error(diff)
	}
	if *d.SignatureAlgorithm != "SHA256WITHECDSA" || *d.Subject != "CN=crm.test" || *d.Issuer != "Apex" || strings.Count(*d.Serial, ":") != 15 {
		t.Errorf("%s, %s, %s, %s", *d.SignatureAlgorithm, *d.Subject, *d.Issuer, *d.Serial)
	}
	if life := d.NotAfter.Sub(*d.NotBefore); life > authority.MaxLife || life < 300*24*time.Hour {
		t.Errorf("valid for %s", life)
	}
	one, wild := d.DomainValidationOptions[0], d.DomainValidationOptions[1]
	if one.ValidationStatus != types.DomainStatusSuccess || !strings.HasSuffix(*one.ResourceRecord.Name, ".crm.test.") || one.ResourceRecord.Type != types.RecordTypeCname {
		t.Errorf("%+v", one)
	}
	if *wild.ResourceRecord.Name != *one.ResourceRecord.Name {
		t.Error("a wildcard has another record than its domain")
	}
}

// TestPairServesTLS holds what is given out against what is sealed.
func TestPairServesTLS(t *testing.T) {
	w := start(t)
	name := w.issued(sdk.RequestCertificateInput{DomainName: aws.String("crm.test")})
	out, err := w.GetCertificate(t.Context(), &sdk.GetCertificateInput{CertificateArn: &name})
	if err != nil {
		t.Fatal(err)
	}
	c, _ := Lookup(w.env.Store.Snapshot(), name)
	key, err := c.PrivateKey(w.env.Sealer)
	if err != nil {
		t.Fatal(err)
	}
	pair, err := tls.X509KeyPair([]byte(*out.Certificate), key)
	if err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM([]byte(*out.CertificateChain))
	if _, err := pair.Leaf.Verify(x509.VerifyOptions{Roots: roots, DNSName: "crm.test", CurrentTime: w.clock.Now()}); err != nil {
		t.Error(err)
	}
	if strings.Contains(string(c.Status.Issued.SealedKey), "PRIVATE KEY") {
		t.Error("the key lies open in the store")
	}
}

func TestRequestTwiceWithAToken(t *testing.T) {
	w := start(t)
	in := sdk.RequestCertificateInput{DomainName: aws.String("crm.test"), IdempotencyToken: aws.String("once")}
	first := w.request(in)
	if again := w.request(in); again != first {
		t.Error("the same request made another certificate")
	}
	w.clock.Advance(2 * time.Hour)
	if later := w.request(in); later == first {
		t.Error("a token lived for more than an hour")
	}
}

func TestRequestRefuses(t *testing.T) {
	w := start(t)
	for name, in := range map[string]sdk.RequestCertificateInput{
		"ValidationException one label":        {DomainName: aws.String("localhost")},
		"ValidationException bad name":         {DomainName: aws.String("a_b.test")},
		"ValidationException bad other":        {DomainName: aws.String("a.test"), SubjectAlternativeNames: []string{"*"}},
		"ValidationException key":              {DomainName: aws.String("a.test"), KeyAlgorithm: types.KeyAlgorithmRsa1024},
		"InvalidParameterException mail":       {DomainName: aws.String("a.test"), ValidationMethod: types.ValidationMethodEmail},
		"InvalidParameterException exportable": {DomainName: aws.String("a.test"), Options: &types.CertificateOptions{Export: types.CertificateExportEnabled}},
		"InvalidParameterException private":    {DomainName: aws.String("a.test"), CertificateAuthorityArn: aws.String("arn:aws:acm-pca:us-east-1:000000000000:certificate-authority/x")},
		"InvalidTagException reserved":         {DomainName: aws.String("a.test"), Tags: []types.Tag{{Key: aws.String("aws:x"), Value: aws.String("")}}},
	} {
		_, err := w.RequestCertificate(t.Context(), &in)
		if want, _, _ := strings.Cut(name, " "); servicetest.Code(err) != want {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestDeleteWaitsForTheListener(t *testing.T) {
	w := start(t)
	name := w.issued(sdk.RequestCertificateInput{DomainName: aws.String("crm.test")})
	w.users[name] = []string{"arn:aws:elasticloadbalancing:us-east-1:000000000000:loadbalancer/app/a/1"}
	if d := w.describe(name); !slices.Equal(d.InUseBy, w.users[name]) || d.RenewalEligibility != types.RenewalEligibilityEligible {
		t.Errorf("in use by %v, renewal %s", d.InUseBy, d.RenewalEligibility)
	}
	_, err := w.DeleteCertificate(t.Context(), &sdk.DeleteCertificateInput{CertificateArn: &name})
	if servicetest.Code(err) != "ResourceInUseException" {
		t.Errorf("delete in use: %v", err)
	}
	delete(w.users, name)
	if _, err := w.DeleteCertificate(t.Context(), &sdk.DeleteCertificateInput{CertificateArn: &name}); err != nil {
		t.Fatal(err)
	}
	_, err = w.DescribeCertificate(t.Context(), &sdk.DescribeCertificateInput{CertificateArn: &name})
	if servicetest.Code(err) != "ResourceNotFoundException" {
		t.Errorf("describe deleted: %v", err)
	}
}

func TestRenewOnRequest(t *testing.T) {
	w := start(t)
	name := w.issued(sdk.RequestCertificateInput{DomainName: aws.String("crm.test")})
	before := *w.describe(name).Serial
	w.clock.Advance(time.Hour)
	if _, err := w.RenewCertificate(t.Context(), &sdk.RenewCertificateInput{CertificateArn: &name}); err != nil {
		t.Fatal(err)
	}
	servicetest.Await(t, w.env, "renewal", func(s store.Snapshot) bool {
		c, _ := Lookup(s, name)
		return !c.Status.RenewedAt.IsZero()
	})
	d := w.describe(name)
	if *d.Serial == before || d.RenewalSummary == nil || d.RenewalSummary.RenewalStatus != types.RenewalStatusSuccess {
		t.Errorf("serial %s, was %s; summary %+v", *d.Serial, before, d.RenewalSummary)
	}
}

func TestListFilters(t *testing.T) {
	w := start(t)
	w.issued(sdk.RequestCertificateInput{DomainName: aws.String("rsa.test")})
	w.clock.Advance(time.Second)
	w.issued(sdk.RequestCertificateInput{DomainName: aws.String("ec.test"), KeyAlgorithm: types.KeyAlgorithmEcPrime256v1})
	all := []types.KeyAlgorithm{types.KeyAlgorithmRsa2048, types.KeyAlgorithmEcPrime256v1}
	for name, tt := range map[string]struct {
		in   sdk.ListCertificatesInput
		want []string
	}{
		"RSA by default": {sdk.ListCertificatesInput{}, []string{"rsa.test"}},
		"both":           {sdk.ListCertificatesInput{Includes: &types.Filters{KeyTypes: all}, MaxItems: aws.Int32(1)}, []string{"rsa.test", "ec.test"}},
		"newest first":   {sdk.ListCertificatesInput{Includes: &types.Filters{KeyTypes: all}, SortBy: types.SortByCreatedAt, SortOrder: types.SortOrderDescending}, []string{"ec.test", "rsa.test"}},
		"expired":        {sdk.ListCertificatesInput{CertificateStatuses: []types.CertificateStatus{types.CertificateStatusExpired}}, nil},
		"usage":          {sdk.ListCertificatesInput{Includes: &types.Filters{KeyUsage: []types.KeyUsageName{types.KeyUsageNameKeyEncipherment}, KeyTypes: all}}, []string{"rsa.test"}},
		"no code":        {sdk.ListCertificatesInput{Includes: &types.Filters{ExtendedKeyUsage: []types.ExtendedKeyUsageName{types.ExtendedKeyUsageNameCodeSigning}, KeyTypes: all}}, nil},
	} {
		if diff := cmp.Diff(tt.want, w.list(tt.in)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

func TestTags(t *testing.T) {
	w := start(t)
	name := w.request(sdk.RequestCertificateInput{DomainName: aws.String("a.test"), Tags: []types.Tag{{Key: aws.String("a"), Value: aws.String("1")}}})
	_, err := w.AddTagsToCertificate(t.Context(), &sdk.AddTagsToCertificateInput{CertificateArn: &name, Tags: []types.Tag{{Key: aws.String("b"), Value: aws.String("2")}}})
	if err != nil {
		t.Fatal(err)
	}
	_, err = w.RemoveTagsFromCertificate(t.Context(), &sdk.RemoveTagsFromCertificateInput{CertificateArn: &name, Tags: []types.Tag{
		{Key: aws.String("a")}, {Key: aws.String("b"), Value: aws.String("another")},
	}})
	if err != nil {
		t.Fatal(err)
	}
	out, err := w.ListTagsForCertificate(t.Context(), &sdk.ListTagsForCertificateInput{CertificateArn: &name})
	if err != nil || len(out.Tags) != 1 || *out.Tags[0].Key != "b" || *out.Tags[0].Value != "2" {
		t.Errorf("%v, %v", out, err)
	}
}

func TestRefusedOperations(t *testing.T) {
	w := start(t)
	name := w.issued(sdk.RequestCertificateInput{DomainName: aws.String("a.test")})
	_, err := w.ExportCertificate(t.Context(), &sdk.ExportCertificateInput{CertificateArn: &name, Passphrase: []byte("words")})
	if servicetest.Code(err) != "ValidationException" {
		t.Errorf("export: %v", err)
	}
	_, err = w.ResendValidationEmail(t.Context(), &sdk.ResendValidationEmailInput{CertificateArn: &name, Domain: aws.String("a.test"), ValidationDomain: aws.String("a.test")})
	if servicetest.Code(err) != "InvalidStateException" {
		t.Errorf("mail: %v", err)
	}
	//lint:ignore SA1019 older clients still set the preference
	disabled := types.CertificateOptions{CertificateTransparencyLoggingPreference: types.CertificateTransparencyLoggingPreferenceDisabled}
	_, err = w.UpdateCertificateOptions(t.Context(), &sdk.UpdateCertificateOptionsInput{CertificateArn: &name, Options: &disabled})
	//lint:ignore SA1019 and read it back
	if got := w.describe(name).Options.CertificateTransparencyLoggingPreference; err != nil || got != types.CertificateTransparencyLoggingPreferenceDisabled {
		t.Errorf("options: %s %v", got, err)
	}
	_, err = w.DescribeCertificate(t.Context(), &sdk.DescribeCertificateInput{CertificateArn: aws.String("arn:aws:iam::000000000000:role/x")})
	if servicetest.Code(err) != "InvalidArnException" {
		t.Errorf("another service's ARN: %v", err)
	}
}

// foreign makes a certificate of an authority that is not the region's.
func foreign(t *testing.T, w *world, kind authority.KeyKind, names ...string) (authority.Issued, []byte) {
	t.Helper()
	ca, err := authority.Open(filepath.Join(t.TempDir(), "a"), w.clock.Now())
	if err != nil {
		t.Fatal(err)
	}
	made, err := ca.Issue(authority.Request{Names: names, Key: kind, Now: w.clock.Now(), Life: 24 * time.Hour})
	if err != nil {
		t.Fatal(err)
	}
	return made, ca.PEM()
}

func TestImport(t *testing.T) {
	w := start(t)
	made, chain := foreign(t, w, authority.RSA2048, "shop.test", "www.shop.test")
	out, err := w.ImportCertificate(t.Context(), &sdk.ImportCertificateInput{Certificate: made.Certificate, PrivateKey: made.Key, CertificateChain: chain})
	if err != nil {
		t.Fatal(err)
	}
	d := w.describe(*out.CertificateArn)
	if d.Type != types.CertificateTypeImported || d.Status != types.CertificateStatusIssued || *d.DomainName != "shop.test" ||
		d.ImportedAt == nil || d.DomainValidationOptions != nil || d.KeyAlgorithm != types.KeyAlgorithmRsa2048 {
		t.Errorf("%+v", d)
	}
	next, chain := foreign(t, w, authority.P256, "shop.test")
	_, err = w.ImportCertificate(t.Context(), &sdk.ImportCertificateInput{CertificateArn: out.CertificateArn, Certificate: next.Certificate, PrivateKey: next.Key, CertificateChain: chain})
	if err != nil {
		t.Fatal(err)
	}
	c, _ := Lookup(w.env.Store.Snapshot(), *out.CertificateArn)
	key, err := c.PrivateKey(w.env.Sealer)
	if err != nil || string(key) != string(next.Key) {
		t.Errorf("the key after a second import: %v", err)
	}
	w.clock.Advance(25 * time.Hour)
	if d := w.describe(*out.CertificateArn); d.Status != types.CertificateStatusExpired {
		t.Errorf("after its end: %s", d.Status)
	}
}

func TestImportRefuses(t *testing.T) {
	w := start(t)
	made, chain := foreign(t, w, authority.P256, "a.test")
	other, otherChain := foreign(t, w, authority.P256, "a.test")
	encrypted := pem.EncodeToMemory(&pem.Block{Type: "ENCRYPTED PRIVATE KEY", Bytes: []byte("x")})
	issued := w.issued(sdk.RequestCertificateInput{DomainName: aws.String("a.test")})
	for name, in := range map[string]sdk.ImportCertificateInput{
		"no PEM":           {Certificate: []byte("hello"), PrivateKey: made.Key},
		"two certificates": {Certificate: append(slices.Clone(made.Certificate), chain...), PrivateKey: made.Key},
		"a key as chain":   {Certificate: made.Certificate, PrivateKey: made.Key, CertificateChain: made.Key},
		"another's key":    {Certificate: made.Certificate, PrivateKey: other.Key},
		"no key":           {Certificate: made.Certificate, PrivateKey: made.Certificate},
		"encrypted key":    {Certificate: made.Certificate, PrivateKey: encrypted},
		"another's chain":  {Certificate: made.Certificate, PrivateKey: made.Key, CertificateChain: otherChain},
		"over an issued":   {Certificate: made.Certificate, PrivateKey: made.Key, CertificateArn: &issued},
	} {
		_, err := w.ImportCertificate(t.Context(), &in)
		if servicetest.Code(err) != "ValidationException" {
			t.Errorf("%s: %v", name, err)
		}
		if err != nil && strings.Contains(err.Error(), "BEGIN") {
			t.Errorf("%s: the error shows what was sent: %v", name, err)
		}
	}
	w.clock.Advance(48 * time.Hour)
	_, err := w.ImportCertificate(t.Context(), &sdk.ImportCertificateInput{Certificate: made.Certificate, PrivateKey: made.Key})
	if servicetest.Code(err) != "ValidationException" {
		t.Errorf("after its end: %v", err)
	}
}
