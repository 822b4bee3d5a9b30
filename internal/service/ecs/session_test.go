package ecs

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http/httptest"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
	"github.com/google/go-cmp/cmp"

	"apex/internal/datachannel"
)

func TestWords(t *testing.T) {
	for command, want := range map[string][]string{
		"/bin/sh":                       {"/bin/sh"},
		"  ls  -l\t/tmp ":               {"ls", "-l", "/tmp"},
		`sh -c 'echo "a b" \n'`:         {"sh", "-c", `echo "a b" \n`},
		`a "b \"c\" \d" e\ f '' g''h`:   {"a", `b "c" \d`, "e f", "", "gh"},
		"":                              nil,
		"a 'b":                          nil,
		`a \`:                           nil,
		"echo 'it'\"'\"'s' ünïcödé \\'": {"echo", "it's", "ünïcödé", "'"},
	} {
		got, err := words(command)
		if diff := cmp.Diff(want, got); diff != "" || (err == nil) != (want != nil) {
			t.Errorf("%q: %v (-want +got):\n%s", command, err, diff)
		}
	}
}

func TestExecuteCommand(t *testing.T) {
	w := newWorld(t)
	w.run()
	w.cluster()
	definition := w.define("shell", "await 0")
	open := w.runOne(definition, func(in *ecs.RunTaskInput) { in.EnableExecuteCommand = true })
	shut := w.runOne(definition, nil)
	w.awaitTask(open, statusRunning)
	w.awaitTask(shut, statusRunning)
	execute := func(task string, change func(*ecs.ExecuteCommandInput)) (*ecs.ExecuteCommandOutput, error) {
		in := &ecs.ExecuteCommandInput{
			Cluster: aws.String("main"), Task: &task, Interactive: true,
			Command: aws.String("/probe env FROM , read , exit 5"),
		}
		if change != nil {
			change(in)
		}
		return w.client.ExecuteCommand(t.Context(), in)
	}
	for name, tt := range map[string]struct {
		task   string
		change func(*ecs.ExecuteCommandInput)
	}{
		"not enabled":     {shut, nil},
		"no such task":    {strings.Repeat("0", 32), nil},
		"not interactive": {open, func(in *ecs.ExecuteCommandInput) { in.Interactive = false }},
		"no container":    {open, func(in *ecs.ExecuteCommandInput) { in.Container = aws.String("other") }},
		"bad command":     {open, func(in *ecs.ExecuteCommandInput) { in.Command = aws.String("'") }},
	} {
		if _, err := execute(tt.task, tt.change); err == nil {
			t.Errorf("%s: a session is given", name)
		}
	}
	agents := w.task(open).Containers[0].ManagedAgents
	if len(agents) != 1 || agents[0].Name != types.ManagedAgentNameExecuteCommandAgent || *agents[0].LastStatus != "RUNNING" {
		t.Errorf("managed agents: %+v", agents)
	}

	server := httptest.NewServer(w.svc.Sessions())
	t.Cleanup(server.Close)
	out, err := execute(open, nil)
	if err != nil {
		t.Fatal(err)
	}
	at := strings.Index(*out.Session.StreamUrl, SessionsPath)
	url := "ws" + strings.TrimPrefix(server.URL, "http") + (*out.Session.StreamUrl)[at:]
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	if c, err := datachannel.Dial(ctx, url, "guessed"); err == nil {
		c.Close()
		t.Error("a wrong token opens the session")
	}
	c, err := datachannel.Dial(ctx, url, *out.Session.TokenValue)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if err := c.Type(ctx, []byte("hello\r")); err != nil {
		t.Fatal(err)
	}
	var printed bytes.Buffer
	end, err := c.Print(ctx, &printed)
	if err != nil || end.Code != 5 || end.Message != "" {
		t.Errorf("end: %+v, %v", end, err)
	}
	for _, want := range []string{"env FROM=image", "read hello"} {
		if !strings.Contains(printed.String(), want) {
			t.Errorf("printed %q, not %q", printed.String(), want)
		}
	}
	if c, err := datachannel.Dial(ctx, url, *out.Session.TokenValue); err == nil {
		c.Close()
		t.Error("a token opens two sessions")
	}
}

// TestOfficialPlugin holds a session with AWS's own client where it is installed,
// as the aws CLI starts it.
func TestOfficialPlugin(t *testing.T) {
	plugin, err := exec.LookPath("session-manager-plugin")
	if err != nil {
		t.Skip("session-manager-plugin is not installed")
	}
	w := newWorld(t)
	w.run()
	w.cluster()
	id := w.runOne(w.define("shell", "await 0"), func(in *ecs.RunTaskInput) { in.EnableExecuteCommand = true })
	w.awaitTask(id, statusRunning)
	server := httptest.NewServer(w.svc.Sessions())
	t.Cleanup(server.Close)
	out, err := w.client.ExecuteCommand(t.Context(), &ecs.ExecuteCommandInput{
		Cluster: aws.String("main"), Task: &id, Interactive: true, Command: aws.String("/probe env FROM , read , window , exit 5"),
	})
	if err != nil {
		t.Fatal(err)
	}
	at := strings.Index(*out.Session.StreamUrl, SessionsPath)
	session, err := json.Marshal(map[string]string{
		"SessionId": *out.Session.SessionId, "TokenValue": *out.Session.TokenValue,
		"StreamUrl": "ws" + strings.TrimPrefix(server.URL, "http") + (*out.Session.StreamUrl)[at:],
	})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, plugin, string(session), scope.Region, "StartSession", "", `{"Target":"ecs:x"}`, server.URL)
	cmd.Env = append(os.Environ(), "AWS_ACCESS_KEY_ID=x", "AWS_SECRET_ACCESS_KEY=y", "AWS_REGION="+scope.Region)
	typed, err := cmd.StdinPipe() // it ends at the end of its input, so that stays open
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.WriteString(typed, "hello\n"); err != nil {
		t.Fatal(err)
	}
	printed, err := cmd.CombinedOutput()
	for _, want := range []string{"Starting session", "env FROM=image", "read hello", "Exiting session"} {
		if !strings.Contains(string(printed), want) {
			t.Errorf("printed %q (%v), not %q", printed, err, want)
		}
	}
}
