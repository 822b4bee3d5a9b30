package ssm

import (
	"context"
	"regexp"
	"slices"
	"strings"

	"apex/internal/api"
	"apex/internal/api/ssmapi"
)

const maxLabels = 10 // of a version

var labelPattern = regexp.MustCompile(`^[a-zA-Z_.\-][a-zA-Z0-9_.\-]{0,99}$`)

// validLabel follows AWS's rules; a label that breaks them is reported and not
// an error.
func validLabel(label string) bool {
	lower := strings.ToLower(label)
	return labelPattern.MatchString(label) && !strings.HasPrefix(lower, "aws") && !strings.HasPrefix(lower, "ssm")
}

func noVersion(name *string, number int64) error {
	return ssmapi.NewParameterVersionNotFound("Systems Manager could not find version %d of %s. Verify the version and try again.", number, api.Val(name))
}

func (s *Service) labelParameterVersion(ctx context.Context, call *api.Call, in *ssmapi.LabelParameterVersionRequest) (*ssmapi.LabelParameterVersionResult, error) {
	out := &ssmapi.LabelParameterVersionResult{InvalidLabels: []string{}}
	return out, s.change(ctx, call, in.Name, notFound(in.Name), func(p *Parameter) error {
		number := api.Or(in.ParameterVersion, p.latest().Number)
		at := p.byNumber(number)
		if at < 0 {
			return noVersion(in.Name, number)
		}
		out.ParameterVersion = &number
		for _, label := range in.Labels {
			if !validLabel(label) {
				out.InvalidLabels = append(out.InvalidLabels, label)
				continue
			}
			if old := p.byLabel(label); old >= 0 {
				p.Spec.Versions[old].Labels = without(p.Spec.Versions[old].Labels, label)
			}
			p.Spec.Versions[at].Labels = append(p.Spec.Versions[at].Labels, label)
		}
		if len(p.Spec.Versions[at].Labels) > maxLabels {
			return ssmapi.NewParameterVersionLabelLimitExceeded("An error occurred (ParameterVersionLabelLimitExceeded): a version can have at most %d labels.", maxLabels)
		}
		return nil
	})
}

func without(labels []string, label string) []string {
	return slices.DeleteFunc(slices.Clone(labels), func(l string) bool { return l == label })
}

func (s *Service) unlabelParameterVersion(ctx context.Context, call *api.Call, in *ssmapi.UnlabelParameterVersionRequest) (*ssmapi.UnlabelParameterVersionResult, error) {
	out := &ssmapi.UnlabelParameterVersionResult{InvalidLabels: []string{}, RemovedLabels: []string{}}
	return out, s.change(ctx, call, in.Name, notFound(in.Name), func(p *Parameter) error {
		at := p.byNumber(api.Val(in.ParameterVersion))
		if at < 0 {
			return noVersion(in.Name, api.Val(in.ParameterVersion))
		}
		v := &p.Spec.Versions[at]
		for _, label := range in.Labels {
			if !slices.Contains(v.Labels, label) {
				out.InvalidLabels = append(out.InvalidLabels, label)
				continue
			}
			v.Labels = without(v.Labels, label)
			out.RemovedLabels = append(out.RemovedLabels, label)
		}
		return nil
	})
}
