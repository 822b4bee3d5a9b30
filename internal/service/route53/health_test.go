package route53_test

import (
	"slices"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/route53"
	"github.com/aws/aws-sdk-go-v2/service/route53/types"

	"apex/internal/service/cloudwatch"
	"apex/internal/service/logs"
	"apex/internal/store"
)

func (w *world) check(t *testing.T, ref string, config *types.HealthCheckConfig) *types.HealthCheck {
	t.Helper()
	out, err := w.CreateHealthCheck(t.Context(), &sdk.CreateHealthCheckInput{CallerReference: &ref, HealthCheckConfig: config})
	if err != nil {
		t.Fatal(err)
	}
	return out.HealthCheck
}

func TestHealthCheckLife(t *testing.T) {
	w := newWorld(t)
	config := &types.HealthCheckConfig{Type: types.HealthCheckTypeHttps, FullyQualifiedDomainName: aws.String("example.com"), ResourcePath: aws.String("/up")}
	made := w.check(t, "one", config)
	if got := made.HealthCheckConfig; *got.Port != 443 || *got.RequestInterval != 30 || *got.FailureThreshold != 3 || !*got.EnableSNI || *made.HealthCheckVersion != 1 {
		t.Errorf("made %+v", got)
	}
	if again := w.check(t, "one", config); *again.Id != *made.Id {
		t.Errorf("asked twice: %s and %s", *made.Id, *again.Id)
	}
	_, err := w.CreateHealthCheck(t.Context(), &sdk.CreateHealthCheckInput{CallerReference: aws.String("one"), HealthCheckConfig: &types.HealthCheckConfig{Type: types.HealthCheckTypeTcp, IPAddress: aws.String("192.0.2.1"), Port: aws.Int32(22)}})
	wantCode(t, err, "HealthCheckAlreadyExists")
	updated, err := w.UpdateHealthCheck(t.Context(), &sdk.UpdateHealthCheckInput{HealthCheckId: made.Id, FailureThreshold: aws.Int32(5), ResetElements: []types.ResettableElementName{types.ResettableElementNameResourcePath}})
	if err != nil || *updated.HealthCheck.HealthCheckConfig.FailureThreshold != 5 || updated.HealthCheck.HealthCheckConfig.ResourcePath != nil || *updated.HealthCheck.HealthCheckVersion != 2 {
		t.Errorf("updated %+v, %v", updated, err)
	}
	_, err = w.UpdateHealthCheck(t.Context(), &sdk.UpdateHealthCheckInput{HealthCheckId: made.Id, HealthCheckVersion: aws.Int64(1)})
	wantCode(t, err, "HealthCheckVersionMismatch")
	if _, err := w.DeleteHealthCheck(t.Context(), &sdk.DeleteHealthCheckInput{HealthCheckId: made.Id}); err != nil {
		t.Error(err)
	}
	_, err = w.GetHealthCheck(t.Context(), &sdk.GetHealthCheckInput{HealthCheckId: made.Id})
	wantCode(t, err, "NoSuchHealthCheck")
}

func TestRefusedHealthChecks(t *testing.T) {
	w := newWorld(t)
	for name, config := range map[string]*types.HealthCheckConfig{
		"no endpoint":    {Type: types.HealthCheckTypeHttp},
		"private":        {Type: types.HealthCheckTypeHttp, IPAddress: aws.String("10.0.0.1")},
		"no port":        {Type: types.HealthCheckTypeTcp, IPAddress: aws.String("192.0.2.1")},
		"no text":        {Type: types.HealthCheckTypeHttpStrMatch, IPAddress: aws.String("192.0.2.1")},
		"interval":       {Type: types.HealthCheckTypeHttp, IPAddress: aws.String("192.0.2.1"), RequestInterval: aws.Int32(20)},
		"no alarm":       {Type: types.HealthCheckTypeCloudwatchMetric},
		"child unknown":  {Type: types.HealthCheckTypeCalculated, HealthThreshold: aws.Int32(1), ChildHealthChecks: []string{"none"}},
		"no such metric": {Type: types.HealthCheckTypeRecoveryControl},
	} {
		_, err := w.CreateHealthCheck(t.Context(), &sdk.CreateHealthCheckInput{CallerReference: &name, HealthCheckConfig: config})
		if err == nil {
			t.Errorf("%s: made", name)
			continue
		}
		wantCode(t, err, "InvalidInput")
	}
}

// TestFailoverFollowsAnAlarm moves an answer when the alarm behind a calculated
// health check goes off.
func TestFailoverFollowsAnAlarm(t *testing.T) {
	w := newWorld(t)
	zone := w.zone(t, "example.com", nil)
	alarm := w.check(t, "alarm", &types.HealthCheckConfig{Type: types.HealthCheckTypeCloudwatchMetric, AlarmIdentifier: &types.AlarmIdentifier{Name: aws.String("errors"), Region: "us-east-1"}, InsufficientDataHealthStatus: types.InsufficientDataHealthStatusHealthy})
	both := w.check(t, "both", &types.HealthCheckConfig{Type: types.HealthCheckTypeCalculated, HealthThreshold: aws.Int32(1), ChildHealthChecks: []string{*alarm.Id}})
	w.mustChange(t, zone,
		with(plain(create, "www.example.com", types.RRTypeA, "192.0.2.1"), func(r *types.ResourceRecordSet) {
			failover("p", types.ResourceRecordSetFailoverPrimary)(r)
			r.HealthCheckId = both.Id
		}),
		with(plain(create, "www.example.com", types.RRTypeA, "192.0.2.2"), failover("s", types.ResourceRecordSetFailoverSecondary)))
	for state, want := range map[string]string{cloudwatch.StateOK: "192.0.2.1", cloudwatch.StateAlarm: "192.0.2.2", cloudwatch.StateInsufficient: "192.0.2.1"} {
		w.put(t, func(tx *store.Tx) {
			cloudwatch.Alarms.Put(tx, cloudwatch.Alarm{Key: scope.Key("errors"), Status: cloudwatch.AlarmStatus{State: state}})
		})
		if got := w.answers(t, zone, "www.example.com", types.RRTypeA); !slices.Equal(got, []string{want}) {
			t.Errorf("%s: answered %v, want %s", state, got, want)
		}
	}
}

func TestQueryLogging(t *testing.T) {
	w := newWorld(t)
	zone := w.zone(t, "example.com", nil)
	group := scope.ARN("logs", "log-group:/aws/route53/example.com")
	in := &sdk.CreateQueryLoggingConfigInput{HostedZoneId: &zone, CloudWatchLogsLogGroupArn: &group}
	_, err := w.CreateQueryLoggingConfig(t.Context(), in)
	wantCode(t, err, "NoSuchCloudWatchLogsLogGroup")
	w.put(t, func(tx *store.Tx) { logs.Groups.Put(tx, logs.Group{Key: scope.Key("/aws/route53/example.com")}) })
	made, err := w.CreateQueryLoggingConfig(t.Context(), in)
	if err != nil {
		t.Fatal(err)
	}
	_, err = w.CreateQueryLoggingConfig(t.Context(), in)
	wantCode(t, err, "QueryLoggingConfigAlreadyExists")
	list, err := w.ListQueryLoggingConfigs(t.Context(), &sdk.ListQueryLoggingConfigsInput{HostedZoneId: &zone})
	if err != nil || len(list.QueryLoggingConfigs) != 1 || *list.QueryLoggingConfigs[0].CloudWatchLogsLogGroupArn != group {
		t.Errorf("listed %+v, %v", list, err)
	}
	if _, err = w.DeleteQueryLoggingConfig(t.Context(), &sdk.DeleteQueryLoggingConfigInput{Id: made.QueryLoggingConfig.Id}); err != nil {
		t.Error(err)
	}
	_, err = w.GetQueryLoggingConfig(t.Context(), &sdk.GetQueryLoggingConfigInput{Id: made.QueryLoggingConfig.Id})
	wantCode(t, err, "NoSuchQueryLoggingConfig")
}
