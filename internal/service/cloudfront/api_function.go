package cloudfront

import (
	"context"

	"apex/internal/api"
	cf "apex/internal/api/cloudfrontapi"
	"apex/internal/store"
)

// summary describes one stage of a function.
func (s *Service) summary(r store.Reader, call *api.Call, i *Item[Function], stage string) *cf.FunctionSummary {
	f := &i.Spec.Config
	status, config, modified := "UNPUBLISHED", &f.Config, &i.Spec.ModifiedAt
	if f.Live != nil {
		status = "UNASSOCIATED"
		if isUsed(r, call, arnOf(call, "function", i.ID())) {
			status = "ASSOCIATED"
		}
	}
	if stage == cf.FunctionStageLive {
		config, modified = &f.Live.Config, &f.Live.At
	}
	return &cf.FunctionSummary{
		Name: api.Ptr(i.ID()), Status: &status, FunctionConfig: config,
		FunctionMetadata: &cf.FunctionMetadata{
			FunctionARN: api.Ptr(arnOf(call, "function", i.ID())), Stage: &stage, CreatedTime: &i.Spec.CreatedAt, LastModifiedTime: modified,
		},
	}
}

// stageOf finds a function in one of its stages, with the stage's version.
func (s *Service) stageOf(r store.Reader, call *api.Call, name, stage *string) (Item[Function], string, error) {
	i, err := s.functions.get(r, call, name)
	if err != nil || api.Val(stage) != cf.FunctionStageLive {
		return i, i.Spec.ETag, err
	}
	if i.Spec.Config.Live == nil {
		return i, "", cf.NewNoSuchFunctionExists("The function %s is not published.", *name)
	}
	return i, i.Spec.Config.Live.ETag, nil
}

func (s *Service) createFunction(ctx context.Context, call *api.Call, in *cf.CreateFunctionRequest) (*cf.CreateFunctionResult, error) {
	made := Item[Function]{
		Key:  scopeOf(call).Key(*in.Name),
		Spec: Spec[Function]{Config: Function{Config: *in.FunctionConfig, Code: in.FunctionCode}, ETag: newETag(), CreatedAt: call.Now, ModifiedAt: call.Now},
	}
	err := s.store.Update(ctx, func(tx *store.Tx) error {
		if _, taken := Functions.Get(tx, made.Key); taken {
			return cf.NewFunctionAlreadyExists("A function with the name %s exists already.", *in.Name)
		}
		if err := checkFunction(tx, call, *in.Name, &made.Spec.Config); err != nil {
			return err
		}
		Functions.Put(tx, made)
		return nil
	})
	if err != nil {
		return nil, err
	}
	summary := s.summary(s.store.Snapshot(), call, &made, cf.FunctionStageDevelopment)
	return &cf.CreateFunctionResult{FunctionSummary: summary, ETag: &made.Spec.ETag, Location: location("function", *in.Name)}, nil
}

func (s *Service) describeFunction(_ context.Context, call *api.Call, in *cf.DescribeFunctionRequest) (*cf.DescribeFunctionResult, error) {
	snap := s.store.Snapshot()
	i, etag, err := s.stageOf(snap, call, in.Name, in.Stage)
	if err != nil {
		return nil, err
	}
	return &cf.DescribeFunctionResult{FunctionSummary: s.summary(snap, call, &i, api.Or(in.Stage, cf.FunctionStageDevelopment)), ETag: &etag}, nil
}

func (s *Service) getFunction(_ context.Context, call *api.Call, in *cf.GetFunctionRequest) (*cf.GetFunctionResult, error) {
	i, etag, err := s.stageOf(s.store.Snapshot(), call, in.Name, in.Stage)
	if err != nil {
		return nil, err
	}
	code := i.Spec.Config.Code
	if api.Val(in.Stage) == cf.FunctionStageLive {
		code = i.Spec.Config.Live.Code
	}
	return &cf.GetFunctionResult{FunctionCode: code, ETag: &etag, ContentType: api.Ptr("application/octet-stream")}, nil
}

func (s *Service) updateFunction(ctx context.Context, call *api.Call, in *cf.UpdateFunctionRequest) (*cf.UpdateFunctionResult, error) {
	var i Item[Function]
	err := s.store.Update(ctx, func(tx *store.Tx) (err error) {
		if i, err = s.functions.match(tx, call, in.Name, in.IfMatch); err != nil {
			return err
		}
		i.Spec.Config.Config, i.Spec.Config.Code = *in.FunctionConfig, in.FunctionCode
		if err := checkFunction(tx, call, *in.Name, &i.Spec.Config); err != nil {
			return err
		}
		i.Spec.ETag, i.Spec.ModifiedAt = newETag(), call.Now
		Functions.Put(tx, i)
		return nil
	})
	if err != nil {
		return nil, err
	}
	return &cf.UpdateFunctionResult{FunctionSummary: s.summary(s.store.Snapshot(), call, &i, cf.FunctionStageDevelopment), ETag: &i.Spec.ETag}, nil
}

func (s *Service) publishFunction(ctx context.Context, call *api.Call, in *cf.PublishFunctionRequest) (*cf.PublishFunctionResult, error) {
	var i Item[Function]
	err := s.store.Update(ctx, func(tx *store.Tx) (err error) {
		if i, err = s.functions.match(tx, call, in.Name, in.IfMatch); err != nil {
			return err
		}
		f := &i.Spec.Config
		f.Live = &Published{Config: f.Config, Code: f.Code, ETag: newETag(), At: call.Now}
		Functions.Put(tx, i)
		return nil
	})
	if err != nil {
		return nil, err
	}
	return &cf.PublishFunctionResult{FunctionSummary: s.summary(s.store.Snapshot(), call, &i, cf.FunctionStageLive)}, nil
}

func (s *Service) deleteFunction(ctx context.Context, call *api.Call, in *cf.DeleteFunctionRequest) (*cf.DeleteFunctionOutput, error) {
	return nil, s.functions.remove(ctx, s.store, call, in.Name, in.IfMatch)
}

func (s *Service) listFunctions(_ context.Context, call *api.Call, in *cf.ListFunctionsRequest) (*cf.ListFunctionsResult, error) {
	snap := s.store.Snapshot()
	live := api.Val(in.Stage) == cf.FunctionStageLive
	page, err := s.functions.list(snap, call, in.Marker, in.MaxItems, func(i *Item[Function]) bool { return !live || i.Spec.Config.Live != nil })
	if err != nil {
		return nil, err
	}
	list := &cf.FunctionList{NextMarker: page.next, MaxItems: &page.limit, Quantity: page.quantity()}
	for _, i := range page.items {
		list.Items = append(list.Items, *s.summary(snap, call, &i, api.Or(in.Stage, cf.FunctionStageDevelopment)))
	}
	return &cf.ListFunctionsResult{FunctionList: list}, nil
}
