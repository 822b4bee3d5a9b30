package rds_test

import (
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsrds "github.com/aws/aws-sdk-go-v2/service/rds"

	"apex/internal/service/servicetest"
)

func TestLogFiles(t *testing.T) {
	w := newWorld(t).run()
	w.create(request("db-1"))
	w.await("db-1", "available")
	files, err := w.DescribeDBLogFiles(t.Context(), &awsrds.DescribeDBLogFilesInput{DBInstanceIdentifier: aws.String("db-1"), FilenameContains: aws.String("error")})
	if err != nil || len(files.DescribeDBLogFiles) != 1 || *files.DescribeDBLogFiles[0].Size == 0 {
		t.Fatalf("%+v, %v", files, err)
	}
	name := files.DescribeDBLogFiles[0].LogFileName
	var whole strings.Builder
	for marker, more := "0", true; more; {
		out, err := w.DownloadDBLogFilePortion(t.Context(), &awsrds.DownloadDBLogFilePortionInput{
			DBInstanceIdentifier: aws.String("db-1"), LogFileName: name, Marker: &marker, NumberOfLines: aws.Int32(3),
		})
		if err != nil {
			t.Fatal(err)
		}
		if n := strings.Count(*out.LogFileData, "\n"); n > 3 {
			t.Errorf("%d lines in a portion", n)
		}
		whole.WriteString(*out.LogFileData)
		marker, more = *out.Marker, *out.AdditionalDataPending
	}
	if !strings.Contains(whole.String(), "ready for connections") {
		t.Errorf("the log is %q", whole.String())
	}
	last, err := w.DownloadDBLogFilePortion(t.Context(), &awsrds.DownloadDBLogFilePortionInput{DBInstanceIdentifier: aws.String("db-1"), LogFileName: name, NumberOfLines: aws.Int32(1)})
	if err != nil || !strings.HasSuffix(whole.String(), *last.LogFileData) || strings.Count(*last.LogFileData, "\n") != 1 {
		t.Errorf("the last line is %q, %v", *last.LogFileData, err)
	}
	_, err = w.DownloadDBLogFilePortion(t.Context(), &awsrds.DownloadDBLogFilePortionInput{DBInstanceIdentifier: aws.String("db-1"), LogFileName: aws.String("../../keys")})
	if got := servicetest.Code(err); got != "DBLogFileNotFoundFault" {
		t.Errorf("a file that is no log: %s", got)
	}
}
