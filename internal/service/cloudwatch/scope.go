package cloudwatch

import (
	"context"
	"strconv"

	"apex/internal/api"
	"apex/internal/api/cloudwatchapi"
	"apex/internal/arn"
	"apex/internal/page"
	"apex/internal/store"
)

func scopeOf(call *api.Call) arn.Scope { return arn.Scope{Account: call.Account, Region: call.Region} }

func scopeOfKey(key string) arn.Scope {
	scope, _ := arn.SplitKey(key)
	return scope
}

// update runs a transaction of a call.
func (s *Service) update(ctx context.Context, fn func(tx *store.Tx) error) error {
	return s.store.Update(ctx, fn)
}

// page cuts a list. The token is the place where the next page begins.
func paged[T any](all []T, key func(*T) string, token *string, limit int) ([]T, *string, error) {
	items, next, ok := page.Sorted(all, key, token, limit)
	if !ok {
		return nil, nil, cloudwatchapi.NewInvalidNextToken("The next token is none that this operation gave")
	}
	return items, next, nil
}

// cut returns a part of a list that only grows.
func cut[T any](all []T, token *string, limit int) ([]T, *string, error) {
	start := 0
	if token != nil {
		n, err := strconv.Atoi(*token)
		if err != nil || n < 0 {
			return nil, nil, cloudwatchapi.NewInvalidNextToken("The next token is none that this operation gave")
		}
		start = min(n, len(all))
	}
	rest := all[start:]
	if len(rest) <= limit {
		return rest, nil, nil
	}
	return rest[:limit], api.Ptr(strconv.Itoa(start + limit)), nil
}

func optional(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

func optionalInt(n int) *int64 {
	if n == 0 {
		return nil
	}
	return api.Ptr(int64(n))
}

// invalid makes the error of input that the model allows and CloudWatch does not.
func invalid(format string, args ...any) *api.Error {
	return api.Invalid("ValidationError", format, args...)
}
