package clients

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ecr"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"

	"apex/internal/regiontest"
)

// TestCrowd has many callers on one region at once, callers of two regions on one
// process, and callers who mean ill by their names.
func TestCrowd(t *testing.T) {
	r := regiontest.Start(t)
	cfg := r.AWS(t)
	cfg.RetryMaxAttempts = 1
	t.Run("one wins", func(t *testing.T) { oneWins(t, cfg) })
	t.Run("paging amid changes", func(t *testing.T) { pagingAmidChanges(t, cfg) })
	t.Run("regions", func(t *testing.T) { regions(t, cfg) })
	t.Run("hostile names", func(t *testing.T) { hostileNames(t, r, cfg) })
}

// oneWins lets callers create the same name at once: one may, the others are told
// that it is there.
func oneWins(t *testing.T, cfg aws.Config) {
	roles, secrets, groups := iam.NewFromConfig(cfg), secretsmanager.NewFromConfig(cfg), cloudwatchlogs.NewFromConfig(cfg)
	images, network := ecr.NewFromConfig(cfg), ec2.NewFromConfig(cfg)
	vpc, err := network.CreateVpc(t.Context(), &ec2.CreateVpcInput{CidrBlock: aws.String("10.5.0.0/16")})
	if err != nil {
		t.Fatal(err)
	}
	name := aws.String("contended")
	for refusal, create := range map[string]func(context.Context) error{
		"EntityAlreadyExists": func(ctx context.Context) error {
			_, err := roles.CreateUser(ctx, &iam.CreateUserInput{UserName: name})
			return err
		},
		"ResourceExistsException": func(ctx context.Context) error {
			_, err := secrets.CreateSecret(ctx, &secretsmanager.CreateSecretInput{Name: name, SecretString: name})
			return err
		},
		"ResourceAlreadyExistsException": func(ctx context.Context) error {
			_, err := groups.CreateLogGroup(ctx, &cloudwatchlogs.CreateLogGroupInput{LogGroupName: name})
			return err
		},
		"RepositoryAlreadyExistsException": func(ctx context.Context) error {
			_, err := images.CreateRepository(ctx, &ecr.CreateRepositoryInput{RepositoryName: name})
			return err
		},
		"InvalidGroup.Duplicate": func(ctx context.Context) error {
			_, err := network.CreateSecurityGroup(ctx, &ec2.CreateSecurityGroupInput{GroupName: name, Description: name, VpcId: vpc.Vpc.VpcId})
			return err
		},
		"InvalidSubnet.Conflict": func(ctx context.Context) error {
			_, err := network.CreateSubnet(ctx, &ec2.CreateSubnetInput{VpcId: vpc.Vpc.VpcId, CidrBlock: aws.String("10.5.1.0/24")})
			return err
		},
	} {
		var mu sync.Mutex
		var crowd sync.WaitGroup
		answers := map[string]int{}
		for range 12 {
			crowd.Go(func() {
				got := code(create(t.Context()))
				mu.Lock()
				defer mu.Unlock()
				answers[got]++
			})
		}
		crowd.Wait()
		if answers[""] != 1 || answers[refusal] != 11 {
			t.Errorf("of twelve at once: %v, want one to win and eleven %s", answers, refusal)
		}
	}
}

// pagingAmidChanges lists in pages while others delete and make: what stays is
// seen.
func pagingAmidChanges(t *testing.T, cfg aws.Config) {
	secrets := secretsmanager.NewFromConfig(cfg)
	name := func(kind string, n int) *string { return aws.String(fmt.Sprintf("paged/%02d-%s", n, kind)) }
	for n := range 20 {
		for _, kind := range []string{"goes", "stays"} {
			if _, err := secrets.CreateSecret(t.Context(), &secretsmanager.CreateSecretInput{Name: name(kind, n), SecretString: aws.String("x")}); err != nil {
				t.Fatal(err)
			}
		}
	}
	var seen []string
	pages := secretsmanager.NewListSecretsPaginator(secrets, &secretsmanager.ListSecretsInput{MaxResults: aws.Int32(4)})
	for n := 0; pages.HasMorePages(); n++ {
		page, err := pages.NextPage(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range page.SecretList {
			seen = append(seen, *s.Name)
			if !strings.HasSuffix(*s.Name, "goes") {
				continue
			}
			if _, err := secrets.DeleteSecret(t.Context(), &secretsmanager.DeleteSecretInput{SecretId: s.Name, ForceDeleteWithoutRecovery: aws.Bool(true)}); err != nil {
				t.Fatal(err)
			}
		}
	}
	for n := range 20 {
		if !slices.Contains(seen, *name("stays", n)) {
			t.Errorf("%s stayed and was not listed", *name("stays", n))
		}
	}
}

// regions makes the same names in two regions: neither sees the other's.
func regions(t *testing.T, cfg aws.Config) {
	const value = "of "
	for _, region := range []string{"us-east-1", "eu-west-1"} {
		cfg.Region = region
		secrets, groups := secretsmanager.NewFromConfig(cfg), cloudwatchlogs.NewFromConfig(cfg)
		if _, err := secrets.CreateSecret(t.Context(), &secretsmanager.CreateSecretInput{Name: aws.String("twin"), SecretString: aws.String(value + region)}); err != nil {
			t.Fatal(err)
		}
		if _, err := groups.CreateLogGroup(t.Context(), &cloudwatchlogs.CreateLogGroupInput{LogGroupName: aws.String("twin")}); err != nil {
			t.Fatal(err)
		}
	}
	for _, region := range []string{"us-east-1", "eu-west-1"} {
		cfg.Region = region
		got, err := secretsmanager.NewFromConfig(cfg).GetSecretValue(t.Context(), &secretsmanager.GetSecretValueInput{SecretId: aws.String("twin")})
		if err != nil || *got.SecretString != value+region || !strings.Contains(*got.ARN, region) {
			t.Errorf("%s reads %+v, %v", region, got, err)
		}
		list, err := cloudwatchlogs.NewFromConfig(cfg).DescribeLogGroups(t.Context(), &cloudwatchlogs.DescribeLogGroupsInput{LogGroupNamePrefix: aws.String("twin")})
		if err != nil || len(list.LogGroups) != 1 || !strings.Contains(*list.LogGroups[0].Arn, region) {
			t.Errorf("%s lists %+v, %v", region, list, err)
		}
	}
}

// hostileNames are names that could be paths. S3 keeps any key, and beside the
// home no file comes to be; others refuse.
func hostileNames(t *testing.T, r *regiontest.Region, cfg aws.Config) {
	buckets := s3.NewFromConfig(cfg, func(o *s3.Options) { o.UsePathStyle = true })
	if _, err := buckets.CreateBucket(t.Context(), &s3.CreateBucketInput{Bucket: aws.String("hostile")}); err != nil {
		t.Fatal(err)
	}
	for _, key := range []string{"../../../escaped", "/etc/passwd", "a/../b", "..", "nul\x00byte", "%2e%2e/x", strings.Repeat("k", 1024)} {
		if _, err := buckets.PutObject(t.Context(), &s3.PutObjectInput{Bucket: aws.String("hostile"), Key: &key, Body: strings.NewReader(key)}); err != nil {
			if got := code(err); !strings.Contains(got, "InvalidArgument") && !strings.Contains(got, "KeyTooLong") && !strings.Contains(got, "InvalidURI") {
				t.Errorf("key %q: %v", key, err)
			}
			continue
		}
		got, err := buckets.HeadObject(t.Context(), &s3.HeadObjectInput{Bucket: aws.String("hostile"), Key: &key})
		if err != nil || *got.ContentLength != int64(len(key)) {
			t.Errorf("key %q comes back as %+v, %v", key, got, err)
		}
	}
	if found, _ := filepath.Glob(filepath.Join(filepath.Dir(r.Home.Dir), "escaped*")); len(found) > 0 {
		t.Errorf("written outside of the home: %v", found)
	}
	if text, err := os.ReadFile("/etc/passwd"); err != nil || string(text) == "/etc/passwd" {
		t.Errorf("/etc/passwd: %v", err)
	}
	for _, name := range []string{"../x", "a//b", "UPPER", "a/../../b"} {
		_, err := ecr.NewFromConfig(cfg).CreateRepository(t.Context(), &ecr.CreateRepositoryInput{RepositoryName: &name})
		if got := code(err); got != "InvalidParameterException" {
			t.Errorf("repository %q: %q", name, got)
		}
	}
	for _, name := range []string{"a b", "a*", "a\n"} {
		_, err := cloudwatchlogs.NewFromConfig(cfg).CreateLogGroup(t.Context(), &cloudwatchlogs.CreateLogGroupInput{LogGroupName: &name})
		if got := code(err); got != "InvalidParameterException" {
			t.Errorf("log group %q: %q", name, got)
		}
	}
}
