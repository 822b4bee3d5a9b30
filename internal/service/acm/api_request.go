package acm

import (
	"context"
	"regexp"
	"slices"
	"strings"
	"time"

	"apex/internal/api"
	"apex/internal/api/acmapi"
	"apex/internal/awsid"
	"apex/internal/store"
)

// domainPattern is the model's DomainNameString.
var domainPattern = regexp.MustCompile(`^(\*\.)?([A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])$`)

// tokenLife is for how long a repeated IdempotencyToken means the same request.
const tokenLife = time.Hour

func (s *Service) requestCertificate(ctx context.Context, call *api.Call, in *acmapi.RequestCertificateRequest) (*acmapi.RequestCertificateResponse, error) {
	spec, err := newSpec(call, in)
	if err != nil {
		return nil, err
	}
	var made Certificate
	err = s.store.Update(ctx, func(tx *store.Tx) error {
		for _, c := range Certificates.Prefix(tx, scopeOf(call).Prefix()) {
			if sameRequest(c.Spec, spec) {
				made = c
				return nil
			}
		}
		made = Certificate{Key: scopeOf(call).Key("certificate/" + awsid.UUID()), Spec: spec}
		Certificates.Put(tx, made)
		return nil
	})
	if err != nil {
		return nil, err
	}
	return &acmapi.RequestCertificateResponse{CertificateArn: api.Ptr(made.ARN())}, nil
}

// newSpec checks a request and returns what it asks for.
func newSpec(call *api.Call, in *acmapi.RequestCertificateRequest) (CertificateSpec, error) {
	spec := CertificateSpec{
		Type: acmapi.CertificateTypeAmazonIssued, Token: api.Val(in.IdempotencyToken), CreatedAt: call.Now,
		Validation:   api.Or(in.ValidationMethod, acmapi.ValidationMethodDns),
		KeyAlgorithm: api.Or(in.KeyAlgorithm, acmapi.KeyAlgorithmRsa2048),
		Transparency: acmapi.CertificateTransparencyLoggingPreferenceEnabled,
	}
	for _, name := range append([]string{api.Val(in.DomainName)}, in.SubjectAlternativeNames...) {
		if !domainPattern.MatchString(name) || len(name) > 253 {
			return spec, invalid("Value '%s' at 'domainName' failed to satisfy constraint: Member must be a domain name", name)
		}
		if name = strings.ToLower(name); !slices.Contains(spec.Names, name) {
			spec.Names = append(spec.Names, name)
		}
	}
	spec.Domain = spec.Names[0]
	switch {
	case spec.Validation == acmapi.ValidationMethodEmail:
		return spec, acmapi.NewInvalidParameterException("ValidationMethod EMAIL is not built: no mail leaves this region; use DNS")
	case in.CertificateAuthorityArn != nil:
		return spec, acmapi.NewInvalidParameterException("CertificateAuthorityArn: private certificate authorities are not built")
	case in.ManagedBy != nil:
		return spec, acmapi.NewInvalidParameterException("ManagedBy: CloudFront is not built")
	case keyKinds[spec.KeyAlgorithm] == "":
		return spec, invalid("KeyAlgorithm %s cannot be requested: use RSA_2048, EC_prime256v1 or EC_secp384r1", spec.KeyAlgorithm)
	}
	if o := in.Options; o != nil {
		if api.Val(o.Export) == acmapi.CertificateExportEnabled {
			return spec, acmapi.NewInvalidParameterException("Options.Export: exportable certificates are not built")
		}
		spec.Transparency = api.Or(o.CertificateTransparencyLoggingPreference, spec.Transparency)
	}
	var err error
	spec.Tags, err = newTags(nil, in.Tags)
	return spec, err
}

// sameRequest reports whether a certificate was made by the same request a short
// time ago.
func sameRequest(old, asked CertificateSpec) bool {
	return asked.Token != "" && old.Token == asked.Token && slices.Equal(old.Names, asked.Names) &&
		old.KeyAlgorithm == asked.KeyAlgorithm && asked.CreatedAt.Sub(old.CreatedAt) < tokenLife
}

func (s *Service) renewCertificate(ctx context.Context, call *api.Call, in *acmapi.RenewCertificateRequest) (*acmapi.RenewCertificateOutput, error) {
	return nil, s.change(ctx, call, in.CertificateArn, func(c *Certificate) error {
		if c.Spec.Type != acmapi.CertificateTypeAmazonIssued || c.Material() == nil {
			return invalid("Certificate %s is not eligible for renewal", c.ARN())
		}
		c.Spec.RenewAskedAt = call.Now
		return nil
	})
}

func (s *Service) updateCertificateOptions(ctx context.Context, call *api.Call, in *acmapi.UpdateCertificateOptionsRequest) (*acmapi.UpdateCertificateOptionsOutput, error) {
	return nil, s.change(ctx, call, in.CertificateArn, func(c *Certificate) error {
		switch {
		case c.Spec.Type == acmapi.CertificateTypeImported:
			return acmapi.NewInvalidStateException("Options of imported certificate %s cannot be changed", c.ARN())
		case api.Val(in.Options.Export) == acmapi.CertificateExportEnabled:
			return invalid("Options.Export: exportable certificates are not built")
		}
		c.Spec.Transparency = api.Or(in.Options.CertificateTransparencyLoggingPreference, c.Spec.Transparency)
		return nil
	})
}

func (s *Service) resendValidationEmail(_ context.Context, call *api.Call, in *acmapi.ResendValidationEmailRequest) (*acmapi.ResendValidationEmailOutput, error) {
	c, err := find(s.store.Snapshot(), call, in.CertificateArn)
	if err != nil {
		return nil, err
	}
	return nil, acmapi.NewInvalidStateException("Certificate %s is not validated by email", c.ARN())
}

func (s *Service) deleteCertificate(ctx context.Context, call *api.Call, in *acmapi.DeleteCertificateRequest) (*acmapi.DeleteCertificateOutput, error) {
	return nil, s.store.Update(ctx, func(tx *store.Tx) error {
		c, err := find(tx, call, in.CertificateArn)
		if err != nil {
			return err
		}
		if users := s.users(tx, c.ARN()); len(users) > 0 {
			return acmapi.NewResourceInUseException("Certificate %s is in use by %s", c.ARN(), strings.Join(users, ", "))
		}
		Certificates.Delete(tx, c.Key)
		return nil
	})
}
