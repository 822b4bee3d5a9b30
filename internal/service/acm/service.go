package acm

import (
	"path/filepath"
	"sync"
	"time"

	"apex/internal/api"
	"apex/internal/api/acmapi"
	"apex/internal/dataplane/authority"
	"apex/internal/seal"
	"apex/internal/service"
	"apex/internal/store"
)

// Users returns the ARNs of the resources that use a certificate, in order.
type Users func(r store.Reader, certificate string) []string

// A Service serves the certificates of all scopes.
type Service struct {
	store     *store.Store
	sealer    *seal.Sealer
	now       func() time.Time
	users     Users
	authority func() (*authority.Authority, error)
}

// New returns the service. The authority is made when the first certificate is
// issued.
func New(env service.Env, users Users) *Service {
	return &Service{
		store: env.Store, sealer: env.Sealer, now: env.Now, users: users,
		authority: sync.OnceValues(func() (*authority.Authority, error) {
			return authority.Open(filepath.Join(env.Home, "authority"), env.Now())
		}),
	}
}

// Routes returns the operations that the service answers.
func (s *Service) Routes() []api.Route {
	const issued = "issued by the home's own authority without asking DNS; EMAIL validation, private authorities and exportable certificates are refused; transparency logging is stored only"
	return []api.Route{
		acmapi.RequestCertificate.Handle(s.requestCertificate).Limited(issued),
		acmapi.ImportCertificate.Handle(s.importCertificate),
		acmapi.DescribeCertificate.Handle(s.describeCertificate),
		acmapi.GetCertificate.Handle(s.getCertificate),
		acmapi.ListCertificates.Handle(s.listCertificates),
		acmapi.DeleteCertificate.Handle(s.deleteCertificate),
		acmapi.RenewCertificate.Handle(s.renewCertificate).Limited("renews any certificate that the authority issued"),
		acmapi.UpdateCertificateOptions.Handle(s.updateCertificateOptions).StoredOnly("no certificate goes to a transparency log"),
		acmapi.ExportCertificate.Handle(s.exportCertificate).Limited("refused: no certificate is private or exportable"),
		acmapi.ResendValidationEmail.Handle(s.resendValidationEmail).Limited("refused: no certificate is validated by mail"),
		acmapi.AddTagsToCertificate.Handle(s.addTagsToCertificate),
		acmapi.RemoveTagsFromCertificate.Handle(s.removeTagsFromCertificate),
		acmapi.ListTagsForCertificate.Handle(s.listTagsForCertificate),
	}
}
