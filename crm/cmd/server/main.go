// Command server is ApexAI CRM's API.
//
//	server               serve until SIGTERM
//	server migrate       bring the database's schema up to date, and end
//	server healthcheck   ask the server on this machine how it is, for container health checks
//	server openapi       write the API's description, OpenAPI 3.1
//	server seed --demo   fill the demo workspace with records
//	server reindex       make the index of words anew
//	server config        show the settings, without secrets
//
// All settings come from the environment; the README lists them.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/signal"
	"slices"
	"strconv"
	"syscall"
	"time"

	"apexai/crm/db"
	"apexai/crm/internal/account"
	"apexai/crm/internal/config"
	"apexai/crm/internal/database"
	"apexai/crm/internal/demo"
	"apexai/crm/internal/server"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
	context.AfterFunc(ctx, stop) // a second signal ends the process at once
	if err := run(ctx, os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "server:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string) error {
	command := "serve"
	if len(args) > 0 {
		command = args[0]
	}
	switch command { // these need no settings
	case "healthcheck":
		return healthcheck(ctx)
	case "openapi":
		return describe(os.Stdout)
	case "help", "--help", "-help", "-h":
		fmt.Print(usage)
		return nil
	}
	if !slices.Contains(needy, command) {
		return fmt.Errorf("there is no command %q\n\n%s", command, usage)
	}
	c, err := config.Load(os.Getenv)
	if err != nil {
		return fmt.Errorf("these settings cannot be used:\n%w", err)
	}
	switch command {
	case "serve":
		return serve(ctx, c)
	case "migrate":
		return migrate(ctx, c)
	case "reindex":
		return reindex(ctx, c)
	case "seed":
		return seed(ctx, c, args[1:])
	case "config":
		c.Print(os.Stdout)
		for _, what := range c.Missing() {
			fmt.Println("# " + what)
		}
	}
	return nil
}

// needy are the commands that need settings.
var needy = []string{"serve", "migrate", "reindex", "seed", "config"}

const usage = `server is ApexAI CRM's API. All settings come from the environment.

  server               serve until SIGTERM
  server migrate       bring the database's schema up to date, and end
  server seed --demo   fill the demo workspace with records (--times N: more of them)
  server reindex       make the index of words anew, from which searches are answered
  server config        show the settings, without secrets
  server openapi       write the API's description, OpenAPI 3.1
  server healthcheck   ask the server on this machine how it is, for container health checks
`

func logger(c config.Config) *slog.Logger {
	return slog.New(slog.NewJSONHandler(os.Stdout, &slog.HandlerOptions{Level: c.LogLevel}))
}

func serve(ctx context.Context, c config.Config) error {
	spendMemory()
	listener, err := net.Listen("tcp", ":"+strconv.Itoa(c.Port))
	if err != nil {
		return err
	}
	log := logger(c)
	for _, what := range c.Missing() {
		log.Warn(what)
	}
	s, err := server.New(c, log)
	if err != nil {
		return err
	}
	return s.Run(ctx, listener)
}

func migrate(ctx context.Context, c config.Config) error {
	log := logger(c)
	report, err := database.Prepare(ctx, c.Database, db.Migrations(), log)
	if err == nil {
		log.Info("database prepared", "engine", report.Engine, "migrations", report.Applied)
	}
	return err
}

func describe(w io.Writer) error {
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	return e.Encode(server.Description())
}

func healthcheck(ctx context.Context) error {
	port := os.Getenv("PORT")
	if port == "" {
		port = "3000"
	}
	ctx, cancel := context.WithTimeout(ctx, 2*time.Second)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://127.0.0.1:"+port+"/health", nil)
	if err != nil {
		return err
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("health: %s", response.Status)
	}
	return nil
}

// seed fills the workspace of the demo accounts. It may be run again: what is
// there stays.
func seed(ctx context.Context, c config.Config, args []string) error {
	flags := flag.NewFlagSet("seed", flag.ContinueOnError)
	isDemo := flags.Bool("demo", false, "make the demo workspace with its records")
	times := flags.Int("times", 1, "how many times as many records as a tour needs")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if !*isDemo || *times < 1 || flags.NArg() > 0 {
		return errors.New("seed takes --demo, and --times N")
	}
	log := logger(c)
	if _, err := database.Prepare(ctx, c.Database, db.Migrations(), log); err != nil {
		return err
	}
	opened, err := database.Open(c.Database, 2)
	if err != nil {
		return err
	}
	defer opened.Close()
	who, err := account.Store{DB: opened}.Demo(ctx, "olivia@demo.example", "Olivia Park", time.Now().UTC())
	if err != nil {
		return err
	}
	size := demo.Tour.Times(*times)
	filled, err := demo.Filler{DB: opened, Tenant: who.Tenant(), Progress: func(made, total int) {
		log.Info("seeding", "made", made, "of", total)
	}}.Fill(ctx, size)
	if err == nil && !filled {
		log.Info("the demo records are there already", "workspace", who.Workspace.Name)
	}
	return err
}
