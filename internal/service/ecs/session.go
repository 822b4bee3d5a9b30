package ecs

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"path"
	"sync"
	"time"

	"github.com/coder/websocket"

	"apex/internal/awsid"
	"apex/internal/datachannel"
	"apex/internal/dataplane/task"
)

// SessionsPath begins the URLs of sessions; their tokens stand for a signature.
const SessionsPath = "/v1/data-channel/"

// A prepared session may be opened once, within sessionOpen. It ends after
// sessionIdle without a word, as in AWS.
const (
	sessionOpen = 3 * time.Minute
	sessionIdle = 20 * time.Minute
)

// A preparedSession is a program to run in a container.
type preparedSession struct {
	task, container, target string
	args                    []string
	token                   string
	expires                 time.Time
}

// sessions holds those that are prepared and not yet open, by id.
type sessions struct {
	mu  sync.Mutex
	all map[string]preparedSession
}

// add keeps a session and returns its id and the token that opens it.
func (s *sessions) add(p preparedSession, now time.Time) (id, token string) {
	secret := make([]byte, 32)
	_, _ = rand.Read(secret) // it never fails
	p.token, p.expires = base64.RawURLEncoding.EncodeToString(secret), now.Add(sessionOpen)
	id = "ecs-execute-command-" + awsid.Hex(26)
	s.mu.Lock()
	defer s.mu.Unlock()
	for other, one := range s.all {
		if now.After(one.expires) {
			delete(s.all, other)
		}
	}
	s.all[id] = p
	return id, p.token
}

var errNoSession = errors.New("no session of this id waits for this token")

// take gives a session out once.
func (s *sessions) take(id, token string, now time.Time) (preparedSession, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	p, ok := s.all[id]
	if !ok || now.After(p.expires) || subtle.ConstantTimeCompare([]byte(p.token), []byte(token)) != 1 {
		return preparedSession{}, errNoSession
	}
	delete(s.all, id)
	return p, nil
}

func (s *Service) streamURL(session string) string {
	return fmt.Sprintf("ws://127.0.0.1:%d%s%s?role=publish_subscribe", s.env.Port, SessionsPath, session)
}

// Sessions serves the data channels of ExecuteCommand.
func (s *Service) Sessions() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		conn, err := websocket.Accept(w, r, nil)
		if err != nil {
			return // Accept has answered
		}
		defer conn.CloseNow()
		id := path.Base(r.URL.Path)
		if err := s.hold(r.Context(), conn, id); err != nil {
			s.env.Log.InfoContext(r.Context(), "session broke", "session", id, "error", err)
			_ = conn.Close(websocket.StatusPolicyViolation, "the session is not to be had")
		}
	})
}

// hold runs one session from its token to its end.
func (s *Service) hold(ctx context.Context, conn *websocket.Conn, id string) error {
	token, err := datachannel.Token(ctx, conn)
	if err != nil {
		return err
	}
	p, err := s.sessions.take(id, token, s.now())
	if err != nil {
		return err
	}
	begun := s.now()
	err = datachannel.Session{
		ID: id, Target: p.target, Idle: sessionIdle,
		Start: func() (datachannel.Program, error) {
			in, err := task.Enter(ctx, s.taskDir(p.task), p.container, p.args, 24, 80)
			if err != nil {
				return nil, err
			}
			return program{in}, nil
		},
	}.Serve(ctx, conn)
	s.env.Log.InfoContext(ctx, "session ended", "session", id, "task", p.task, "after", s.now().Sub(begun))
	return err
}

// A program is a session in a container as a data channel holds it.
type program struct{ *task.Session }

// Wait returns the program's exit code.
func (p program) Wait() (int, error) {
	exit, err := p.Session.Wait()
	return exit.Code, err
}
