package awswire_test

import (
	"net/http/httptest"
	"testing"

	"apex/internal/api"
	"apex/internal/api/ec2api"
	"apex/internal/api/ecsapi"
	"apex/internal/awswire"
)

func BenchmarkDecode(b *testing.B) {
	ec2, ecs := ec2api.AuthorizeSecurityGroupIngress.Info(), ecsapi.UpdateService.Info()
	for name, bm := range map[string]struct {
		op   *api.OperationInfo
		body string
	}{
		"ec2Query": {&ec2, "Action=AuthorizeSecurityGroupIngress&Version=2016-11-15&GroupId=sg-0123&IpPermissions.1.IpProtocol=tcp&IpPermissions.1.FromPort=80&IpPermissions.1.ToPort=80&IpPermissions.1.IpRanges.1.CidrIp=0.0.0.0%2F0"},
		"awsJson":  {&ecs, `{"cluster":"apexai","service":"server","desiredCount":4,"taskDefinition":"server:12"}`},
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				in := newStruct(bm.op.Input)
				if _, err := awswire.Of(bm.op.Service.Protocol).Decode(form([]byte(bm.body)), bm.op, in); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkEncode(b *testing.B) {
	for _, op := range []api.OperationInfo{ec2api.DescribeSubnets.Info(), ecsapi.DescribeTasks.Info()} {
		out := filled(op.Output, 4)
		b.Run(op.Name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if err := awswire.Of(op.Service.Protocol).Encode(httptest.NewRecorder(), &op, "id", out); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
