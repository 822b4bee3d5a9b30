package apply

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/acm"
	"github.com/aws/aws-sdk-go-v2/service/acm/types"

	"apex/internal/graph"
)

// keyTypes are the keys of certificates to look for; by default ACM shows RSA only.
var keyTypes = []types.KeyAlgorithm{types.KeyAlgorithmEcPrime256v1, types.KeyAlgorithmRsa2048}

// certificate finds or requests the certificate and waits until it is issued. A
// certificate of other names cannot be changed: a new one takes its place, and
// the old one goes when the listener has let go of it.
func (r *run) certificate(ctx context.Context, v graph.Certificate, began time.Time) (fact, Phase, error) {
	arn, err := r.findCertificate(ctx, v)
	if err != nil {
		return fact{}, "", err
	}
	phase := Unchanged
	if arn == "" {
		phase = Created
		in := &acm.RequestCertificateInput{
			DomainName: &v.Domain, ValidationMethod: types.ValidationMethodDns, KeyAlgorithm: types.KeyAlgorithmEcPrime256v1,
			SubjectAlternativeNames: v.Also, Tags: r.acmTags(v.ID),
		}
		made, err := r.acm.RequestCertificate(ctx, in)
		if err != nil {
			return fact{}, "", err
		}
		arn = *made.CertificateArn
	}
	return fact{ID: arn, ARN: arn}, phase, r.wait(ctx, v, began, pollSoon, func() (bool, string, error) {
		out, err := r.acm.DescribeCertificate(ctx, &acm.DescribeCertificateInput{CertificateArn: &arn})
		if err != nil {
			return false, "", err
		}
		switch status := out.Certificate.Status; status {
		case types.CertificateStatusIssued:
			return true, "", nil
		case types.CertificateStatusPendingValidation:
			return false, "validation: " + validation(out.Certificate), nil
		default:
			return false, "", fmt.Errorf("the certificate is %s", status)
		}
	})
}

// validation says which DNS record proves the domain.
func validation(c *types.CertificateDetail) string {
	for _, o := range c.DomainValidationOptions {
		if rec := o.ResourceRecord; rec != nil && o.ValidationStatus != types.DomainStatusSuccess {
			return fmt.Sprintf("%s %s %s", aws.ToString(rec.Name), rec.Type, aws.ToString(rec.Value))
		}
	}
	return "its DNS record is awaited"
}

func (r *run) acmTags(id graph.ID) (tags []types.Tag) {
	for k, v := range r.Graph.Tags(id) {
		tags = append(tags, types.Tag{Key: &k, Value: &v})
	}
	return tags
}

// findCertificate returns the ARN of the stack's own certificate for the names.
func (r *run) findCertificate(ctx context.Context, v graph.Certificate) (string, error) {
	own, err := r.ownCertificates(ctx)
	for _, c := range own {
		names := append([]string{v.Domain}, v.Also...)
		if err == nil && sameSet(c.names, names) && c.resource == string(v.ID) {
			return c.arn, nil
		}
	}
	return "", err
}

// An ownCertificate is one that carries the stack's tags.
type ownCertificate struct {
	arn, resource string
	names         []string
}

func (r *run) ownCertificates(ctx context.Context) (own []ownCertificate, err error) {
	pages := acm.NewListCertificatesPaginator(listCertificates(r.acm.ListCertificates), &acm.ListCertificatesInput{Includes: &types.Filters{KeyTypes: keyTypes}})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, err
		}
		for _, c := range page.CertificateSummaryList {
			out, err := r.acm.ListTagsForCertificate(ctx, &acm.ListTagsForCertificateInput{CertificateArn: c.CertificateArn})
			if err != nil {
				return nil, err
			}
			tags := map[string]string{}
			for _, t := range out.Tags {
				tags[aws.ToString(t.Key)] = aws.ToString(t.Value)
			}
			if r.owns(tags) && (c.Status == types.CertificateStatusIssued || c.Status == types.CertificateStatusPendingValidation) {
				own = append(own, ownCertificate{*c.CertificateArn, tags[graph.TagResource], slices.Clone(c.SubjectAlternativeNameSummaries)})
			}
		}
	}
	return own, nil
}

// orphanCertificates deletes the stack's certificates that it does not name any
// more, unless somebody else uses them.
func (r *run) orphanCertificates(ctx context.Context) error {
	wanted := map[string]bool{}
	for _, res := range r.Graph.Resources {
		if v, ok := res.(graph.Certificate); ok {
			wanted[r.fact(v.ID).ARN] = true
		}
	}
	own, err := r.ownCertificates(ctx)
	if err != nil {
		return err
	}
	for _, c := range own {
		if wanted[c.arn] {
			continue
		}
		began := time.Now()
		_, err := r.acm.DeleteCertificate(ctx, &acm.DeleteCertificateInput{CertificateArn: &c.arn})
		var used *types.ResourceInUseException
		if errors.As(err, &used) {
			continue
		}
		if err != nil {
			return err
		}
		r.deleted("Certificate", strings.Join(c.names, " "), began)
	}
	return nil
}
