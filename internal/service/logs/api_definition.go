package logs

import (
	"context"
	"strings"

	"apex/internal/api"
	"apex/internal/api/logsapi"
	"apex/internal/awsid"
	"apex/internal/service/logs/insights"
	"apex/internal/store"
)

func (s *Service) putQueryDefinition(ctx context.Context, call *api.Call, in *logsapi.PutQueryDefinitionRequest) (*logsapi.PutQueryDefinitionResponse, error) {
	language := api.Or(in.QueryLanguage, logsapi.QueryLanguageCwli)
	if language == logsapi.QueryLanguageCwli && len(in.Parameters) == 0 {
		if _, fault := insights.Parse(*in.QueryString); fault != nil {
			return nil, logsapi.NewInvalidParameterException("%s", fault.Message)
		}
	}
	id := api.Val(in.QueryDefinitionId)
	return &logsapi.PutQueryDefinitionResponse{QueryDefinitionId: &id}, s.store.Update(ctx, func(tx *store.Tx) error {
		if id == "" {
			id = awsid.UUID()
		} else if _, ok := QueryDefinitions.Get(tx, scopeOf(call).Key(id)); !ok {
			return logsapi.NewResourceNotFoundException("The specified query definition does not exist.")
		}
		QueryDefinitions.Put(tx, QueryDefinition{Key: scopeOf(call).Key(id), Spec: logsapi.QueryDefinition{
			QueryDefinitionId: &id, Name: in.Name, QueryString: in.QueryString, LogGroupNames: in.LogGroupNames,
			LastModified: api.Ptr(call.Now.UnixMilli()), QueryLanguage: &language, Parameters: in.Parameters,
		}})
		return nil
	})
}

func (s *Service) describeQueryDefinitions(_ context.Context, call *api.Call, in *logsapi.DescribeQueryDefinitionsRequest) (*logsapi.DescribeQueryDefinitionsResponse, error) {
	all := []logsapi.QueryDefinition{}
	for _, d := range QueryDefinitions.Prefix(s.store.Snapshot(), scopeOf(call).Prefix()) {
		if strings.HasPrefix(*d.Spec.Name, api.Val(in.QueryDefinitionNamePrefix)) &&
			(in.QueryLanguage == nil || *in.QueryLanguage == *d.Spec.QueryLanguage) {
			all = append(all, d.Spec)
		}
	}
	out, err := &logsapi.DescribeQueryDefinitionsResponse{}, error(nil)
	out.QueryDefinitions, out.NextToken, err = paged(all, func(d *logsapi.QueryDefinition) string { return *d.Name + "\x00" + *d.QueryDefinitionId }, in.NextToken, api.Or(in.MaxResults, 1000))
	return out, err
}

func (s *Service) deleteQueryDefinition(ctx context.Context, call *api.Call, in *logsapi.DeleteQueryDefinitionRequest) (*logsapi.DeleteQueryDefinitionResponse, error) {
	return &logsapi.DeleteQueryDefinitionResponse{Success: api.Ptr(true)}, s.store.Update(ctx, func(tx *store.Tx) error {
		if !QueryDefinitions.Delete(tx, scopeOf(call).Key(*in.QueryDefinitionId)) {
			return logsapi.NewResourceNotFoundException("The specified query definition does not exist.")
		}
		return nil
	})
}
