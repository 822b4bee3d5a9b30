package apply

import (
	"context"
	"strconv"

	"github.com/aws/aws-sdk-go-v2/aws"
	elb "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"

	"apex/internal/graph"
)

func (r *run) listener(ctx context.Context, v graph.Listener) (fact, Phase, error) {
	lb := r.fact(v.LoadBalancer).ARN
	out, err := r.elb.DescribeListeners(ctx, &elb.DescribeListenersInput{LoadBalancerArn: &lb})
	if err != nil {
		return fact{}, "", err
	}
	protocol, certificates := types.ProtocolEnumHttp, []types.Certificate(nil)
	if v.Certificate != "" {
		protocol, certificates = types.ProtocolEnumHttps, []types.Certificate{{CertificateArn: aws.String(r.fact(v.Certificate).ARN)}}
	}
	for _, l := range out.Listeners {
		if int(aws.ToInt32(l.Port)) != v.Port {
			continue
		}
		f := fact{ID: *l.ListenerArn, ARN: *l.ListenerArn}
		if l.Protocol == protocol && sameCertificate(l.Certificates, certificates) && sameDefault(l.DefaultActions, v) {
			return f, Unchanged, nil
		}
		_, err := r.elb.ModifyListener(ctx, &elb.ModifyListenerInput{
			ListenerArn: l.ListenerArn, Protocol: protocol, Certificates: certificates, DefaultActions: defaultOf(v),
		})
		return f, Updated, err
	}
	made, err := r.elb.CreateListener(ctx, &elb.CreateListenerInput{
		LoadBalancerArn: &lb, Port: aws.Int32(int32(v.Port)), Protocol: protocol, Certificates: certificates,
		Tags: r.elbTags(v.ID), DefaultActions: defaultOf(v),
	})
	if err != nil {
		return fact{}, "", err
	}
	return fact{ID: *made.Listeners[0].ListenerArn, ARN: *made.Listeners[0].ListenerArn}, Created, nil
}

// defaultOf is what happens to a request that no rule takes.
func defaultOf(v graph.Listener) []types.Action {
	if v.Redirect != 0 {
		return []types.Action{{Type: types.ActionTypeEnumRedirect, RedirectConfig: &types.RedirectActionConfig{
			Protocol: aws.String("HTTPS"), Port: aws.String(strconv.Itoa(v.Redirect)), StatusCode: types.RedirectActionStatusCodeEnumHttp301,
		}}}
	}
	return []types.Action{{Type: types.ActionTypeEnumFixedResponse, FixedResponseConfig: &types.FixedResponseActionConfig{
		StatusCode: aws.String("404"), ContentType: aws.String("text/plain"), MessageBody: aws.String("no rule of this load balancer takes the request"),
	}}}
}

func sameDefault(have []types.Action, v graph.Listener) bool {
	return len(have) == 1 && have[0].Type == defaultOf(v)[0].Type
}

func sameCertificate(have, want []types.Certificate) bool {
	if len(have) != len(want) {
		return false
	}
	return len(have) == 0 || aws.ToString(have[0].CertificateArn) == aws.ToString(want[0].CertificateArn)
}
