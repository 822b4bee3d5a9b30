package acm

import (
	"cmp"
	"context"
	"slices"

	"apex/internal/api"
	"apex/internal/api/acmapi"
	"apex/internal/store"
)

const largestPage = 1000

func (s *Service) listCertificates(_ context.Context, call *api.Call, in *acmapi.ListCertificatesRequest) (*acmapi.ListCertificatesResponse, error) {
	if (in.SortBy == nil) != (in.SortOrder == nil) {
		return nil, invalid("SortBy and SortOrder must be given together")
	}
	snap := s.store.Snapshot()
	var found []Certificate
	for _, c := range Certificates.Prefix(snap, scopeOf(call).Prefix()) {
		if listed(&c, in, call) {
			found = append(found, c)
		}
	}
	slices.SortFunc(found, func(a, b Certificate) int {
		order := cmp.Or(a.Spec.CreatedAt.Compare(b.Spec.CreatedAt), cmp.Compare(a.Key, b.Key))
		if api.Val(in.SortOrder) == acmapi.SortOrderDescending {
			return -order
		}
		return order
	})
	found, next, err := page(found, in.NextToken, int(api.Or(in.MaxItems, largestPage)))
	if err != nil {
		return nil, err
	}
	out := &acmapi.ListCertificatesResponse{CertificateSummaryList: []acmapi.CertificateSummary{}, NextToken: next}
	for i := range found {
		out.CertificateSummaryList = append(out.CertificateSummaryList, s.summary(snap, &found[i], call))
	}
	return out, nil
}

// listed reports whether a certificate passes the filters. Without a filter of
// key types only RSA keys of up to 2048 bits pass, as ACM has it.
func listed(c *Certificate, in *acmapi.ListCertificatesRequest, call *api.Call) bool {
	if len(in.CertificateStatuses) > 0 && !slices.Contains(in.CertificateStatuses, state(c, call.Now)) {
		return false
	}
	kinds := []string{acmapi.KeyAlgorithmRsa1024, acmapi.KeyAlgorithmRsa2048}
	if in.Includes == nil {
		return slices.Contains(kinds, c.Spec.KeyAlgorithm)
	}
	if len(in.Includes.KeyTypes) > 0 {
		kinds = in.Includes.KeyTypes
	}
	usages, extended := usagesOf(c)
	return slices.Contains(kinds, c.Spec.KeyAlgorithm) &&
		containsAll(usages, in.Includes.KeyUsage) && containsAll(extended, in.Includes.ExtendedKeyUsage)
}

func containsAll(have, wanted []string) bool {
	for _, w := range wanted {
		if !slices.Contains(have, w) {
			return false
		}
	}
	return true
}

func usagesOf(c *Certificate) (usages, extended []string) {
	if m := c.Material(); m != nil {
		if leaf, err := oneCertificate([]byte(m.Certificate)); err == nil {
			return keyUsages(leaf), extendedUsages(leaf)
		}
	}
	return nil, nil
}

func (s *Service) summary(r store.Reader, c *Certificate, call *api.Call) acmapi.CertificateSummary {
	users := s.users(r, c.ARN())
	usages, extended := usagesOf(c)
	sum := acmapi.CertificateSummary{
		CertificateArn: api.Ptr(c.ARN()), DomainName: optional(c.Spec.Domain), SubjectAlternativeNameSummaries: c.Spec.Names,
		HasAdditionalSubjectAlternativeNames: api.Ptr(false), Status: api.Ptr(state(c, call.Now)),
		Type: &c.Spec.Type, KeyAlgorithm: &c.Spec.KeyAlgorithm, InUse: api.Ptr(len(users) > 0), Exported: api.Ptr(false),
		RenewalEligibility: api.Ptr(eligibility(c, users)), KeyUsages: usages, ExtendedKeyUsages: extended,
		CreatedAt: &c.Spec.CreatedAt, IssuedAt: moment(c.Status.IssuedAt), ImportedAt: moment(c.Spec.ImportedAt),
	}
	if m := c.Material(); m != nil {
		sum.NotBefore, sum.NotAfter = &m.NotBefore, &m.NotAfter
	}
	return sum
}

// page returns the certificates behind the one whose key is the token.
func page(all []Certificate, token *string, limit int) ([]Certificate, *string, error) {
	if token != nil {
		at := slices.IndexFunc(all, func(c Certificate) bool { return c.Key == *token })
		if at < 0 {
			return nil, nil, acmapi.NewInvalidArgsException("The NextToken is invalid")
		}
		all = all[at+1:]
	}
	if len(all) <= limit {
		return all, nil, nil
	}
	return all[:limit], &all[limit-1].Key, nil
}
