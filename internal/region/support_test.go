package region

import (
	"bytes"
	"flag"
	"fmt"
	"log/slog"
	"os"
	"slices"
	"strings"
	"testing"

	"apex/internal/api"
	"apex/internal/api/acmapi"
	"apex/internal/api/autoscalingapi"
	"apex/internal/api/cloudfrontapi"
	"apex/internal/api/cloudwatchapi"
	"apex/internal/api/ec2api"
	"apex/internal/api/ecrapi"
	"apex/internal/api/ecsapi"
	"apex/internal/api/elasticacheapi"
	"apex/internal/api/elbv2api"
	"apex/internal/api/eventsapi"
	"apex/internal/api/iamapi"
	"apex/internal/api/kmsapi"
	"apex/internal/api/logsapi"
	"apex/internal/api/rdsapi"
	"apex/internal/api/route53api"
	"apex/internal/api/schedulerapi"
	"apex/internal/api/secretsmanagerapi"
	"apex/internal/api/servicediscoveryapi"
	"apex/internal/api/snsapi"
	"apex/internal/api/sqsapi"
	"apex/internal/api/ssmapi"
	"apex/internal/api/stsapi"
	"apex/internal/api/wafv2api"
	"apex/internal/api/xrayapi"
	"apex/internal/service/s3"
)

var update = flag.Bool("update", false, "rewrite docs/support.md")

const supportFile = "../../docs/support.md"

// known are all operations that the generator describes, by service.
func known() [][]api.OperationInfo {
	return [][]api.OperationInfo{
		acmapi.Operations(),
		autoscalingapi.Operations(),
		cloudfrontapi.Operations(),
		cloudwatchapi.Operations(),
		ec2api.Operations(),
		ecrapi.Operations(),
		ecsapi.Operations(),
		elasticacheapi.Operations(),
		elbv2api.Operations(),
		eventsapi.Operations(),
		iamapi.Operations(),
		kmsapi.Operations(),
		logsapi.Operations(),
		rdsapi.Operations(),
		route53api.Operations(),
		schedulerapi.Operations(),
		secretsmanagerapi.Operations(),
		servicediscoveryapi.Operations(),
		snsapi.Operations(),
		sqsapi.Operations(),
		ssmapi.Operations(),
		stsapi.Operations(),
		wafv2api.Operations(),
		xrayapi.Operations(),
		s3.Operations(),
	}
}

// TestSupportTable holds docs/support.md to the routes.
func TestSupportTable(t *testing.T) {
	p, err := build(Home{Dir: t.TempDir(), Port: 4566, Account: DefaultAccount, Region: DefaultRegion}, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	defer p.store.Close()
	want := supportTable(p.routes)
	for _, r := range p.routes {
		if !bytes.Contains(want, []byte("\n## "+r.Info.Service.ServiceID+"\n")) {
			t.Errorf("known leaves out %s", r.Info.Service.ServiceID)
		}
	}
	if *update {
		if err := os.WriteFile(supportFile, want, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(supportFile)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Error("docs/support.md does not say what the routes say: run make support")
	}
}

func supportTable(routes []api.Route) []byte {
	bound := map[string]api.Route{}
	for _, r := range routes {
		bound[r.Info.Service.Name+"."+r.Info.Name] = r
	}
	var b bytes.Buffer
	b.WriteString("# What is real\n\nMade from the code by `make support`. *Real*: something on this machine does it. *Stored only*: kept and given back faithfully, and nothing acts on it. *Missing*: answered as AWS answers an operation that it does not know; so is every operation that is not listed.\n")
	for _, operations := range known() {
		writeService(&b, operations, bound)
	}
	return b.Bytes()
}

func writeService(b *bytes.Buffer, operations []api.OperationInfo, bound map[string]api.Route) {
	var rows, missing []string
	count := map[api.Support]int{}
	for _, op := range operations {
		r, ok := bound[op.Service.Name+"."+op.Name]
		if !ok {
			missing = append(missing, op.Name)
			continue
		}
		count[r.Support]++
		rows = append(rows, fmt.Sprintf("| %s | %s | %s |\n", op.Name, r.Support, strings.ReplaceAll(r.Note, "|", "\\|")))
	}
	slices.Sort(rows)
	fmt.Fprintf(b, "\n## %s\n\n%d real, %d stored only, %d missing.\n\n| operation | | what to know |\n|---|---|---|\n",
		operations[0].Service.ServiceID, count[api.Real], count[api.StoredOnly], len(missing))
	for _, row := range rows {
		b.WriteString(row)
	}
	if len(missing) > 0 {
		slices.Sort(missing)
		fmt.Fprintf(b, "\nMissing: %s.\n", strings.Join(missing, ", "))
	}
}
