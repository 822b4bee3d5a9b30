package clients

import (
	"context"
	"encoding/base64"
	"errors"
	"flag"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecr"
	"github.com/aws/smithy-go"

	"apex/internal/regiontest"
)

var update = flag.Bool("update", false, "rewrite what this package keeps in testdata and in generated files")

// A run is the SDK against one region, and what it has seen.
type run struct {
	region   *regiontest.Region
	clients  []client
	models   map[string]*model   // by module, where they are there
	names    map[string]string   // that steps gave to parts of answers
	answered map[string]step     // by module.Operation: the last step that was answered
	refused  map[string][]string // by module.Operation: the codes that steps wanted and got
	waited   map[string]bool     // by module.Waiter
}

// TestEveryOperation lets the official SDK call each operation that the region
// serves: as the scripts say, with input that no handler can like, through its
// waiters and through its paginators.
func TestEveryOperation(t *testing.T) {
	r := regiontest.Start(t)
	cfg := r.AWS(t)
	cfg.RetryMaxAttempts = 1
	u := &run{
		region: r, clients: sdk(cfg), names: given(r),
		answered: map[string]step{}, refused: map[string][]string{}, waited: map[string]bool{},
	}
	u.models = models(t, u.clients)
	u.names["image"] = pushed(t, r)
	served := u.probe(t)
	for _, c := range u.clients {
		t.Run(c.module, func(t *testing.T) { u.script(t, c) })
	}
	t.Run("covered", func(t *testing.T) { u.covered(t, served) })
	t.Run("waiters", func(t *testing.T) { u.waitedFor(t, served) })
}

// pushed makes a repository, pushes the image of program into it and returns the
// image's name.
func pushed(t *testing.T, r *regiontest.Region) string {
	registry := ecr.NewFromConfig(r.AWS(t))
	made, err := registry.CreateRepository(t.Context(), &ecr.CreateRepositoryInput{RepositoryName: aws.String("program")})
	if err != nil {
		t.Fatal(err)
	}
	login, err := registry.GetAuthorizationToken(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	token, err := base64.StdEncoding.DecodeString(*login.AuthorizationData[0].AuthorizationToken)
	if err != nil {
		t.Fatal(err)
	}
	user, password, _ := strings.Cut(string(token), ":")
	push(t, image(t), *made.Repository.RepositoryUri+":one", user, password)
	return *made.Repository.RepositoryUri + ":one"
}

// given are the names that steps may use from the start.
func given(r *regiontest.Region) map[string]string {
	now := time.Now().UTC()
	return map[string]string{
		"account": r.Home.Account, "region": r.Home.Region, "now": strconv.FormatInt(now.UnixMilli(), 10),
		"hourago": now.Add(-time.Hour).Format(time.RFC3339), "later": now.Add(time.Hour).Format(time.RFC3339),
	}
}

// script takes the steps of a service's file.
func (u *run) script(t *testing.T, c client) {
	path := filepath.Join("testdata", "calls", c.module+".txt")
	if _, err := os.Stat(path); err != nil {
		t.Errorf("no steps for %s: write %s", c.module, path)
		return
	}
	for _, s := range script(t, path) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		c := u.of(s, c)
		if err := u.step(ctx, c, s); err != nil {
			t.Errorf("%s: %s: %v", s.where, s.operation, err)
		} else if paginators[c.module+"."+s.operation] != nil && s.code == "" {
			u.page(t, c, s.operation, s)
		}
		cancel()
	}
}

// of returns the client of a step in the file of c.
func (u *run) of(s step, c client) client {
	for _, other := range u.clients {
		if other.module == s.module {
			return other
		}
	}
	return c
}

func (u *run) step(ctx context.Context, c client, s step) error {
	members, err := s.members(u.names)
	if err != nil {
		return err
	}
	if s.waiter {
		u.waited[c.module+"."+s.operation] = true
		return wait(ctx, c, s.operation, members)
	}
	for {
		in, err := c.input(s.operation, members)
		if err != nil {
			return err
		}
		out, err := c.call(ctx, s.operation, in)
		if again, err := u.judge(c, s, out, err); !again || ctx.Err() != nil {
			return errors.Join(err, ctx.Err())
		}
		time.Sleep(20 * time.Millisecond)
	}
}

// judge holds an answer against what a step wants. It reports whether to ask
// again.
func (u *run) judge(c client, s step, out reflect.Value, err error) (again bool, _ error) {
	name := c.module + "." + s.operation
	if s.code != "" {
		if got := code(err); got != s.code {
			return false, fmt.Errorf("answered %q, want %s (%w)", got, s.code, err)
		}
		u.refused[name] = append(u.refused[name], s.code)
		return false, nil
	}
	if err != nil {
		return false, err
	}
	u.answered[name] = s
	if s.path != "" {
		got, err := at(out, s.path)
		if got != s.value {
			return true, fmt.Errorf("%s is %q, want %s: %w", s.path, got, s.value, err)
		}
	}
	for name, path := range s.keep {
		value, err := at(out, path)
		if err != nil {
			return false, err
		}
		u.names[name] = value
	}
	return false, nil
}

// code returns the AWS code of a call's error, empty for none.
func code(err error) string {
	var known smithy.APIError
	switch {
	case err == nil:
		return ""
	case errors.As(err, &known):
		return known.ErrorCode()
	}
	return err.Error()
}

// covered demands a step that was answered for each operation served. What still
// lacks one is listed, and the list may only shrink.
func (u *run) covered(t *testing.T, served map[string]bool) {
	const file = "testdata/uncovered.txt"
	var lacking []string
	for _, name := range slices.Sorted(maps.Keys(served)) {
		if _, ok := u.answered[name]; !ok {
			lacking = append(lacking, name)
		}
	}
	if *update {
		if err := os.WriteFile(file, []byte(strings.Join(append(lacking, ""), "\n")), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	listed := strings.Fields(string(text))
	for _, name := range lacking {
		if !slices.Contains(listed, name) {
			t.Errorf("%s is served, and no step in testdata/calls has it answered", name)
		}
	}
	for _, name := range listed {
		if !slices.Contains(lacking, name) {
			t.Errorf("%s is in %s and need not be", name, file)
		}
	}
	t.Logf("%d operations served, %d answered, %d lacking", len(served), len(u.answered), len(lacking))
}
