package database

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"apexai/crm/internal/config"
)

// secrets answers as the credentials of a task and Secrets Manager do.
type secrets struct {
	password atomic.Pointer[string]
	asked    atomic.Int32
}

func (s *secrets) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path == "/credentials" {
		json.NewEncoder(w).Encode(map[string]string{"AccessKeyId": "ASIAX", "SecretAccessKey": "k", "Token": "t", "Expiration": "2036-01-01T00:00:00Z"})
		return
	}
	s.asked.Add(1)
	if r.Header.Get("X-Amz-Target") != "secretsmanager.GetSecretValue" || r.Header.Get("X-Amz-Security-Token") != "t" ||
		!strings.Contains(r.Header.Get("Authorization"), "/eu-north-1/secretsmanager/aws4_request") {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	value, _ := json.Marshal(map[string]string{"username": "crm", "password": *s.password.Load()})
	json.NewEncoder(w).Encode(map[string]string{"SecretString": string(value)})
}

// A password that is changed while the server runs is read again, once, by
// the connection that it was refused to; a wrong secret changes nothing.
func TestChangedPassword(t *testing.T) {
	mysql := mariaDB(t)
	aws := new(secrets)
	server := httptest.NewServer(aws)
	t.Cleanup(server.Close)
	settings := map[string]string{
		"DATABASE_URL": mysql.URL, "REDIS_URL": "redis://127.0.0.1", "DATABASE_SECRET": "arn:aws:secretsmanager:eu-north-1:000000000000:secret:database-AbCdEf",
		"AWS_ENDPOINT_URL": server.URL, "AWS_CONTAINER_CREDENTIALS_FULL_URI": server.URL + "/credentials",
	}
	c, err := config.Load(func(name string) string { return settings[name] })
	if err != nil {
		t.Fatal(err)
	}
	db, err := Open(c.Database, 3)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	ping := func() error {
		return db.View(t.Context(), func(ctx context.Context, q Queryer) error {
			_, _, err := One(ctx, q, Scalar[int], "SELECT 1")
			return err
		})
	}
	if err := ping(); err != nil || aws.asked.Load() != 0 {
		t.Fatalf("%v; the secret was read %d times before it was needed", err, aws.asked.Load())
	}
	const next = `changed '"\ secret`
	err = db.View(t.Context(), func(ctx context.Context, q Queryer) error {
		_, err := Exec(ctx, q, "SET PASSWORD = PASSWORD(?)", next)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	db.Pool().SetMaxIdleConns(0) // from here each operation connects anew
	wrong := "not this one"
	aws.password.Store(&wrong)
	if err := ping(); err == nil {
		t.Fatal("a wrong password opened the database")
	}
	right := next
	aws.password.Store(&right)
	for deadline := time.Now().Add(30 * time.Second); ; time.Sleep(50 * time.Millisecond) { // it is not read at once again
		if err = ping(); err == nil || time.Now().After(deadline) {
			break
		}
	}
	if n := aws.asked.Load(); err != nil || n != 2 {
		t.Errorf("after the change: %v; the secret was read %d times, want 2", err, n)
	}
}
