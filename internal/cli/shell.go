package cli

import (
	"context"
	"fmt"
	"os/exec"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/elasticache"
	"github.com/aws/aws-sdk-go-v2/service/rds"

	"apex/internal/dataplane/mysql"
	"apex/internal/dataplane/redis"
	"apex/internal/region"
)

type dbCmd struct {
	Shell dbShellCmd `cmd:"" help:"Open a MySQL client as the server's administrator."`
}

type cacheCmd struct {
	Shell cacheShellCmd `cmd:"" help:"Open a Redis client as the server's administrator."`
}

type dbShellCmd struct {
	targetFlags
	Args []string `arg:"" optional:"" passthrough:"" help:"Arguments of the client, after --."`
}

// Run becomes a MySQL client.
func (c dbShellCmd) Run(a *app) error {
	return openShell(a, c.targetFlags, func(cfg aws.Config, home region.Home, t target) (*exec.Cmd, error) {
		return databaseShell(a.ctx, cfg, home, t, withoutDashes(c.Args))
	})
}

type cacheShellCmd struct {
	targetFlags
	Args []string `arg:"" optional:"" passthrough:"" help:"Arguments of the client, after --."`
}

// Run becomes a Redis client.
func (c cacheShellCmd) Run(a *app) error {
	return openShell(a, c.targetFlags, func(cfg aws.Config, home region.Home, t target) (*exec.Cmd, error) {
		return cacheShell(a.ctx, cfg, home, t, withoutDashes(c.Args))
	})
}

// openShell finds the target and becomes the command that the client needs.
func openShell(_ *app, flags targetFlags, command func(aws.Config, region.Home, target) (*exec.Cmd, error)) error {
	home, err := region.HomeFromEnv()
	if err != nil {
		return err
	}
	t, err := flags.target(home)
	if err != nil {
		return err
	}
	cfg, err := running(home)
	if err != nil {
		return err
	}
	cmd, err := command(cfg, home, t)
	if err != nil {
		return err
	}
	return become(cmd)
}

func databaseShell(ctx context.Context, cfg aws.Config, home region.Home, t target, args []string) (*exec.Cmd, error) {
	out, err := rds.NewFromConfig(cfg).DescribeDBInstances(ctx, &rds.DescribeDBInstancesInput{})
	if err != nil {
		return nil, fmt.Errorf("find the database: %w", err)
	}
	for _, i := range out.DBInstances {
		if t.owns(aws.ToString(i.DBInstanceIdentifier)) {
			if name := aws.ToString(i.DBName); name != "" {
				args = append([]string{"--database=" + name}, args...)
			}
			return mysql.ShellCommand(home.DatabaseDir(aws.ToString(i.DbiResourceId)), args...)
		}
	}
	return nil, fmt.Errorf("find the database: %s has none", t.prefix())
}

func cacheShell(ctx context.Context, cfg aws.Config, home region.Home, t target, args []string) (*exec.Cmd, error) {
	out, err := elasticache.NewFromConfig(cfg).DescribeReplicationGroups(ctx, &elasticache.DescribeReplicationGroupsInput{})
	if err != nil {
		return nil, fmt.Errorf("find the cache: %w", err)
	}
	for _, g := range out.ReplicationGroups {
		if t.owns(aws.ToString(g.ReplicationGroupId)) {
			return redis.ShellCommand(home.CacheDir(aws.ToString(g.ARN)), args...)
		}
	}
	return nil, fmt.Errorf("find the cache: %s has none", t.prefix())
}
