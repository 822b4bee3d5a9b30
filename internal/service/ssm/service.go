package ssm

import (
	"apex/internal/api"
	"apex/internal/api/ssmapi"
	"apex/internal/controller"
	"apex/internal/service"
)

// A Service serves the parameters of all scopes.
type Service struct{ env service.Env }

// New returns the service.
func New(env service.Env) *Service { return &Service{env: env} }

// Controllers returns none: a parameter is true as it is.
func (s *Service) Controllers() []controller.Controller { return nil }

// Routes returns the operations that the service answers.
func (s *Service) Routes() []api.Route {
	const public = "no public parameters (/aws/service/…), no references to secrets"
	return []api.Route{
		ssmapi.PutParameter.Handle(s.putParameter).Limited("policies are kept: nothing expires or is notified; aws:ec2:image values are not looked up"),
		ssmapi.GetParameter.Handle(s.getParameter).Limited(public),
		ssmapi.GetParameters.Handle(s.getParameters).Limited(public),
		ssmapi.GetParametersByPath.Handle(s.getParametersByPath).Limited(public),
		ssmapi.GetParameterHistory.Handle(s.getParameterHistory),
		ssmapi.DescribeParameters.Handle(s.describeParameters),
		ssmapi.DeleteParameter.Handle(s.deleteParameter),
		ssmapi.DeleteParameters.Handle(s.deleteParameters),
		ssmapi.LabelParameterVersion.Handle(s.labelParameterVersion),
		ssmapi.UnlabelParameterVersion.Handle(s.unlabelParameterVersion),
		ssmapi.AddTagsToResource.Handle(s.addTagsToResource).Limited("of parameters"),
		ssmapi.RemoveTagsFromResource.Handle(s.removeTagsFromResource).Limited("of parameters"),
		ssmapi.ListTagsForResource.Handle(s.listTagsForResource).Limited("of parameters"),
	}
}
