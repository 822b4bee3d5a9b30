package monitoring

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"
	"github.com/aws/aws-sdk-go-v2/service/sns"

	"apex/internal/regiontest"
)

// A pager is an HTTP endpoint that is told of alarms.
type pager struct {
	*httptest.Server
	mu   sync.Mutex
	got  []map[string]string
	down bool
}

func newPager(t *testing.T) *pager {
	p := &pager{}
	p.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		p.mu.Lock()
		defer p.mu.Unlock()
		if p.down {
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		var m map[string]string
		if json.NewDecoder(r.Body).Decode(&m) == nil {
			p.got = append(p.got, m)
		}
	}))
	t.Cleanup(p.Close)
	return p
}

// find returns the first message of which a part is as wanted.
func (p *pager) find(part, want string) map[string]string {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, m := range p.got {
		if strings.Contains(m[part], want) {
			return m
		}
	}
	return nil
}

func (p *pager) setDown(down bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.down = down
}

func TestStory(t *testing.T) {
	r := regiontest.Start(t)
	ctx := t.Context()
	watch, topics, pager := cloudwatch.NewFromConfig(r.AWS(t)), sns.NewFromConfig(r.AWS(t)), newPager(t)

	// A topic, and an endpoint that confirms by following the link.
	topic, err := topics.CreateTopic(ctx, &sns.CreateTopicInput{Name: aws.String("ops")})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := topics.Subscribe(ctx, &sns.SubscribeInput{TopicArn: topic.TopicArn, Protocol: aws.String("http"), Endpoint: aws.String(pager.URL)}); err != nil {
		t.Fatal(err)
	}
	regiontest.Await(t, "the subscription asks to be confirmed", func() bool { return pager.find("Type", "SubscriptionConfirmation") != nil })
	visit(t, pager.find("Type", "SubscriptionConfirmation")["SubscribeURL"])

	// Figures by CBOR, read back in each protocol.
	start := time.Now().Truncate(time.Minute)
	put := func(value float64) {
		t.Helper()
		_, err := watch.PutMetricData(ctx, &cloudwatch.PutMetricDataInput{Namespace: aws.String("Shop"), MetricData: []types.MetricDatum{{
			MetricName: aws.String("Queue"), Value: &value, Unit: types.StandardUnitCount, StorageResolution: aws.Int32(1),
		}}})
		if err != nil {
			t.Fatal(err)
		}
	}
	for range 10 {
		put(100)
	}
	readsBack(t, r, start, 10)

	// An alarm goes off and the endpoint is told.
	if _, err := watch.PutMetricAlarm(ctx, &cloudwatch.PutMetricAlarmInput{
		AlarmName: aws.String("queue"), Namespace: aws.String("Shop"), MetricName: aws.String("Queue"), Statistic: types.StatisticAverage,
		Period: aws.Int32(60), EvaluationPeriods: aws.Int32(1), Threshold: aws.Float64(50), ComparisonOperator: types.ComparisonOperatorGreaterThanThreshold,
		AlarmActions: []string{*topic.TopicArn}, OKActions: []string{*topic.TopicArn}, TreatMissingData: aws.String("ignore"),
	}); err != nil {
		t.Fatal(err)
	}
	regiontest.Await(t, "the pager hears of the alarm", func() bool {
		put(100)
		return pager.find("Message", `"NewStateValue":"ALARM"`) != nil
	})
	if m := pager.find("Message", `"NewStateValue":"ALARM"`); !strings.HasPrefix(m["Subject"], `ALARM: "queue" in`) || m["Signature"] == "" {
		t.Errorf("the notice is %v", m)
	}

	// The region dies with a message on its way, and a state that it must keep.
	pager.setDown(true)
	if _, err := topics.Publish(ctx, &sns.PublishInput{TopicArn: topic.TopicArn, Message: aws.String("written before the kill")}); err != nil {
		t.Fatal(err)
	}
	before := count(t, watch, start)
	put(100)
	r.Kill(t)
	pager.setDown(false)
	r.StartDaemon(t)
	if after := count(t, watch, start); after != before+1 {
		t.Errorf("%v samples after the kill, want %v", after, before+1)
	}
	regiontest.Await(t, "the message arrives", func() bool { return pager.find("Message", "written before the kill") != nil })
	alarms, err := watch.DescribeAlarms(ctx, &cloudwatch.DescribeAlarmsInput{AlarmNames: []string{"queue"}})
	if err != nil || alarms.MetricAlarms[0].StateValue != types.StateValueAlarm {
		t.Errorf("after the kill: %+v, %v", alarms, err)
	}

	// All is well again.
	regiontest.Await(t, "the pager hears that all is well", func() bool {
		put(1)
		return pager.find("Message", `"NewStateValue":"OK"`) != nil
	})
	history := cli(t, r, "cloudwatch", "describe-alarm-history", "--alarm-name", "queue", "--history-item-type", "StateUpdate", "--output", "text")
	for _, want := range []string{"Alarm updated from INSUFFICIENT_DATA to ALARM", "Alarm updated from ALARM to OK"} {
		if !strings.Contains(history, want) {
			t.Errorf("the history lacks %q:\n%s", want, history)
		}
	}
}

// visit follows a link as a person does, unsigned.
func visit(t *testing.T, url string) {
	t.Helper()
	response, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	if body, _ := io.ReadAll(response.Body); response.StatusCode != http.StatusOK {
		t.Fatalf("%s answers %d %s", url, response.StatusCode, body)
	}
}

// count is how many samples the metric has.
func count(t *testing.T, watch *cloudwatch.Client, start time.Time) (samples float64) {
	t.Helper()
	out, err := watch.GetMetricStatistics(t.Context(), &cloudwatch.GetMetricStatisticsInput{
		Namespace: aws.String("Shop"), MetricName: aws.String("Queue"), StartTime: &start, EndTime: aws.Time(time.Now().Add(time.Minute)),
		Period: aws.Int32(60), Statistics: []types.Statistic{types.StatisticSampleCount},
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, point := range out.Datapoints {
		samples += *point.SampleCount
	}
	return samples
}

// readsBack reads the metric by CBOR, by query, by JSON and with the AWS CLI.
func readsBack(t *testing.T, r *regiontest.Region, start time.Time, want float64) {
	t.Helper()
	if got := count(t, cloudwatch.NewFromConfig(r.AWS(t)), start); got != want {
		t.Errorf("by CBOR: %v samples, want %v", got, want)
	}
	end := time.Now().Add(time.Minute).UTC()
	from, to := start.UTC().Format(time.RFC3339), end.Format(time.RFC3339)
	sum := fmt.Sprint(want * 100)
	query := "Action=GetMetricStatistics&Version=2010-08-01&Namespace=Shop&MetricName=Queue&Period=3600&Statistics.member.1=Sum&StartTime=" +
		start.Truncate(time.Hour).UTC().Format(time.RFC3339) + "&EndTime=" + to
	if got := signed(t, r, "application/x-www-form-urlencoded", "", strings.ReplaceAll(query, ":", "%3A")); !strings.Contains(got, "<Sum>"+sum) {
		t.Errorf("by query: %s", got)
	}
	body := fmt.Sprintf(`{"StartTime":%d,"EndTime":%d,"MetricDataQueries":[{"Id":"e","Expression":"SUM(SEARCH('{Shop} Queue', 'Sum', 3600))"}]}`, start.Truncate(time.Hour).Unix(), end.Unix())
	if got := signed(t, r, "application/x-amz-json-1.0", "GraniteServiceVersion20100801.GetMetricData", body); !strings.Contains(got, `"Values":[`+sum+"]") {
		t.Errorf("by JSON: %s", got)
	}
	got := cli(t, r, "cloudwatch", "get-metric-statistics", "--namespace", "Shop", "--metric-name", "Queue", "--start-time", from, "--end-time", to,
		"--period", "3600", "--statistics", "Sum", "--output", "text")
	if start.Truncate(time.Hour).Equal(start) && !strings.Contains(got, sum) {
		t.Errorf("by the AWS CLI: %s", got)
	}
	if got := cli(t, r, "cloudwatch", "list-metrics", "--namespace", "Shop", "--output", "text"); !strings.Contains(got, "Queue") {
		t.Errorf("list-metrics: %s", got)
	}
}

// signed sends a request that the administrator signed, and returns the answer.
func signed(t *testing.T, r *regiontest.Region, contentType, target, body string) string {
	t.Helper()
	request, err := http.NewRequest(http.MethodPost, r.Home.Endpoint()+"/", strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Content-Type", contentType)
	if target != "" {
		request.Header.Set("X-Amz-Target", target)
	}
	credentials, err := r.AWS(t).Credentials.Retrieve(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256([]byte(body))
	if err := v4.NewSigner().SignHTTP(t.Context(), credentials, request, hex.EncodeToString(sum[:]), "monitoring", r.Home.Region, time.Now()); err != nil {
		t.Fatal(err)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	answer, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(answer)
}

// cli runs the AWS CLI.
func cli(t *testing.T, r *regiontest.Region, args ...string) string {
	t.Helper()
	path, err := exec.LookPath("aws")
	if err != nil {
		t.Skip("SKIPPED: no AWS CLI:", err)
	}
	credentials, err := r.AWS(t).Credentials.Retrieve(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(path, args...)
	cmd.Env = append(r.Env(), "AWS_ENDPOINT_URL="+r.Home.Endpoint(), "AWS_DATA_PATH="+r.Home.Dir+"/aws", "AWS_DEFAULT_REGION="+r.Home.Region,
		"AWS_ACCESS_KEY_ID="+credentials.AccessKeyID, "AWS_SECRET_ACCESS_KEY="+credentials.SecretAccessKey,
		"AWS_CONFIG_FILE=/dev/null", "AWS_SHARED_CREDENTIALS_FILE=/dev/null")
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("aws %s: %v\n%s%s", strings.Join(args, " "), err, out, &stderr)
	}
	return string(out)
}
