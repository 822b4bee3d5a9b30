package cli

import (
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs/types"
)

// queryPoll is the time between two looks at a query that runs.
const queryPoll = 150 * time.Millisecond

// query runs a Logs Insights query over the groups and prints its rows.
func (r *logReader) query(a *app, text string) error {
	var names []string
	for _, g := range r.groups {
		names = append(names, g.name)
	}
	started, err := r.client.StartQuery(a.ctx, &cloudwatchlogs.StartQueryInput{
		LogGroupNames: names, QueryString: &text, StartTime: aws.Int64(r.from.Unix()), EndTime: aws.Int64(time.Now().Unix()),
	})
	if err != nil {
		return queryFault(text, err)
	}
	live := isTerminal(os.Stderr) && a.stderr == io.Writer(os.Stderr)
	for {
		out, err := r.client.GetQueryResults(a.ctx, &cloudwatchlogs.GetQueryResultsInput{QueryId: started.QueryId})
		if err != nil {
			return fmt.Errorf("read results of the query: %w", err)
		}
		if live {
			fmt.Fprintf(a.stderr, "\r\x1b[K%s: %s", strings.ToLower(string(out.Status)), scanned(out.Statistics))
		}
		switch out.Status {
		case types.QueryStatusScheduled, types.QueryStatusRunning:
		case types.QueryStatusComplete:
			if live {
				fmt.Fprint(a.stderr, "\r\x1b[K")
			}
			return r.printRows(a, out)
		default:
			return fmt.Errorf("run the query: it ended as %s", strings.ToLower(string(out.Status)))
		}
		select {
		case <-a.ctx.Done():
			return a.ctx.Err()
		case <-time.After(queryPoll):
		}
	}
}

func scanned(s *types.QueryStatistics) string {
	if s == nil {
		return "nothing scanned"
	}
	return fmt.Sprintf("%.0f of %.0f lines match, %.1f MB scanned", s.RecordsMatched, s.RecordsScanned, s.BytesScanned/1e6)
}

// queryFault shows where a query is wrong.
func queryFault(text string, err error) error {
	fault, ok := errors.AsType[*types.MalformedQueryException](err)
	if !ok || fault.QueryCompileError == nil || fault.QueryCompileError.Location == nil {
		return fmt.Errorf("start the query: %w", err)
	}
	at := fault.QueryCompileError.Location
	start := min(int(aws.ToInt32(at.StartCharOffset)), len(text))
	width := max(1, min(int(aws.ToInt32(at.EndCharOffset)), len(text))-start)
	line := text[strings.LastIndexByte(text[:start], '\n')+1:]
	line, _, _ = strings.Cut(line, "\n")
	indent := start - (strings.LastIndexByte(text[:start], '\n') + 1)
	return fmt.Errorf("start the query: %s\n  %s\n  %s%s", aws.ToString(fault.QueryCompileError.Message), line,
		strings.Repeat(" ", indent), strings.Repeat("^", width))
}

// printRows prints a table with a column for each field, in the order in which
// they come up, or a JSON object for each row.
func (r *logReader) printRows(a *app, out *cloudwatchlogs.GetQueryResultsOutput) error {
	var columns []string
	rows := []map[string]string{}
	for _, result := range out.Results {
		row := map[string]string{}
		for _, f := range result {
			name := aws.ToString(f.Field)
			if name == "@ptr" {
				continue
			}
			if row[name] = aws.ToString(f.Value); !slices.Contains(columns, name) {
				columns = append(columns, name)
			}
		}
		rows = append(rows, row)
	}
	if r.json {
		return writeJSON(a.stdout, rows)
	}
	w := tabwriter.NewWriter(a.stdout, 0, 0, 3, ' ', 0)
	if len(rows) > 0 {
		fmt.Fprintln(w, strings.ToUpper(strings.Join(columns, "\t")))
	}
	for _, row := range rows {
		for i, name := range columns {
			if i > 0 {
				fmt.Fprint(w, "\t")
			}
			fmt.Fprint(w, strings.Join(strings.Fields(row[name]), " "))
		}
		fmt.Fprintln(w)
	}
	if err := w.Flush(); err != nil {
		return err
	}
	fmt.Fprintf(a.stderr, "%d rows: %s\n", len(rows), scanned(out.Statistics))
	return nil
}
