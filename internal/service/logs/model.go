// Package logs serves CloudWatch Logs: groups of streams of events.
//
// Groups and streams are rows; events are files, one folder for each stream
// (package dataplane/logfile). A task's supervisor writes its stream's folder by
// itself, so that nothing is lost while the region is down; PutLogEvents writes
// the same way. The controllers delete what is expired or was deleted.
package logs

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"path/filepath"
	"strings"
	"time"

	"apex/internal/api/logsapi"
	"apex/internal/arn"
	"apex/internal/store"
	"apex/internal/tag"
)

// The service's tables. The key of a stream or filter is its group's key, ":"
// and its name; group names have no colon.
var (
	Groups        = store.NewTable("logs.groups", func(g *Group) string { return g.Key })
	Streams       = store.NewTable("logs.streams", func(s *Stream) string { return s.Key })
	MetricFilters = store.NewTable("logs.metric-filters", func(f *MetricFilter) string { return f.Key })
)

// Tables returns the service's tables.
func Tables() []store.AnyTable {
	return []store.AnyTable{Groups, Streams, MetricFilters, Queries, QueryDefinitions, SubscriptionFilters, ResourcePolicies, Exports}
}

// A Group is a set of streams with one retention.
type Group struct {
	Key    string // scope and name
	Spec   GroupSpec
	Status GroupStatus
}

// A GroupSpec is what the API says of a group.
type GroupSpec struct {
	Name      string
	Created   time.Time
	Retention int // days; 0 is for ever
	Class     string
	KMSKeyID  string
	Protected bool // from deletion
	Tags      tag.Tags
	Deleted   bool
}

// A GroupStatus is what the controller saw of a group.
type GroupStatus struct {
	Bytes int64 // on disk, now and then
}

// A Stream is a sequence of events from one source.
type Stream struct {
	Key    string
	Spec   StreamSpec
	Status struct{}
}

// A StreamSpec is what the API says of a stream.
type StreamSpec struct {
	Group   string // its key
	Name    string
	Created time.Time
	Deleted bool
}

// A MetricFilter is kept as it was put.
type MetricFilter struct {
	Key  string
	Spec logsapi.MetricFilter
}

func streamKey(group, name string) string { return group + ":" + name }

// GroupARN names a group by its key, as policies do: without the ":*" that
// DescribeLogGroups adds.
func GroupARN(key string) string {
	scope, name := arn.SplitKey(key)
	return scope.ARN("logs", "log-group:"+name)
}

// StreamDir is the folder of a stream's events in a region's home.
func StreamDir(home string, scope arn.Scope, group, stream string) string {
	return filepath.Join(groupDir(home, scope, group), folder(stream))
}

func groupDir(home string, scope arn.Scope, group string) string {
	return filepath.Join(home, "logs", scope.Account, scope.Region, folder(group))
}

// dirOf is the folder of a stream's events by the stream's key.
func dirOf(home, key string) string {
	group, stream, _ := strings.Cut(key, ":")
	scope, name := arn.SplitKey(group)
	return StreamDir(home, scope, name, stream)
}

// folder makes a file name of any name: its letters for people, and a hash that
// tells it from all others.
func folder(name string) string {
	readable := strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '-' || r == '_' {
			return r
		}
		return '-'
	}, name)
	sum := sha256.Sum256([]byte(name))
	return strings.Trim(readable[:min(len(readable), 80)], "-") + "-" + hex.EncodeToString(sum[:8])
}

// EnsureGroup creates a group unless it is there.
func EnsureGroup(tx *store.Tx, scope arn.Scope, group string, now time.Time) error {
	key := scope.Key(group)
	if old, ok := Groups.Get(tx, key); ok {
		if old.Spec.Deleted {
			return fmt.Errorf("log group %s: is being deleted", group)
		}
		return nil
	}
	Groups.Put(tx, Group{Key: key, Spec: GroupSpec{Name: group, Created: now, Class: standard}})
	return nil
}

// EnsureStream creates a stream in a group unless it is there. The group must
// be.
func EnsureStream(tx *store.Tx, scope arn.Scope, group, stream string, now time.Time) error {
	own, ok := Groups.Get(tx, scope.Key(group))
	if !ok || own.Spec.Deleted {
		return fmt.Errorf("log group %s: does not exist", group)
	}
	key := streamKey(own.Key, stream)
	if old, ok := Streams.Get(tx, key); ok {
		if old.Spec.Deleted {
			return fmt.Errorf("log stream %s of %s: is being deleted", stream, group)
		}
		return nil
	}
	Streams.Put(tx, Stream{Key: key, Spec: StreamSpec{Group: own.Key, Name: stream, Created: now}})
	return nil
}
