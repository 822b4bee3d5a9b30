package mysql

import (
	"errors"
	"net/netip"
	"slices"
	"strings"
	"testing"
)

func TestParseVersion(t *testing.T) {
	for line, want := range map[string]Engine{
		"mysqld  Ver 10.11.19-MariaDB-0+deb12u1 for debian-linux-gnu on x86_64 (Debian 12)":      {Flavor: MariaDB, Version: "10.11.19"},
		"/usr/sbin/mysqld  Ver 8.0.36 for Linux on x86_64 (MySQL Community Server - GPL)":        {Flavor: MySQL, Version: "8.0.36"},
		"/usr/sbin/mysqld  Ver 8.0.39-0ubuntu0.22.04.1 for Linux on x86_64 ((Ubuntu))":           {Flavor: MySQL, Version: "8.0.39"},
		"mariadbd from 11.4.2-MariaDB, Ver 11.4.2-MariaDB for Linux on x86_64 (source revision)": {Flavor: MariaDB, Version: "11.4.2"},
	} {
		if got, err := parseVersion(line); got != want || err != nil {
			t.Errorf("%q: %+v, %v", line, got, err)
		}
	}
	if _, err := parseVersion("no server at all"); err == nil {
		t.Error("nonsense was understood")
	}
}

func TestChoose(t *testing.T) {
	mysql, maria := Engine{Flavor: MySQL, Version: "8.0.36"}, Engine{Flavor: MariaDB, Version: "10.11.19"}
	for name, tt := range map[string]struct {
		found []Engine
		want  Engine
	}{
		"MySQL first":         {[]Engine{maria, mysql}, mysql},
		"MariaDB by one name": {[]Engine{maria, maria}, maria},
	} {
		if got, err := choose(tt.found); got != tt.want || err != nil {
			t.Errorf("%s: %+v, %v", name, got, err)
		}
	}
	if _, err := choose(nil); !errors.Is(err, ErrMissing) {
		t.Errorf("none: %v", err)
	}
}

func TestArguments(t *testing.T) {
	cfg := Config{
		Engine: Engine{Flavor: MySQL, Version: "8.0.36"}, Address: netip.MustParseAddr("10.0.20.7"), Port: 3306,
		Parameters: map[string]string{"innodb_purge_threads": "2", "back_log": "9"},
	}
	args := cfg.arguments()
	if !strings.HasPrefix(args[0], "--defaults-file=") {
		t.Errorf("the options file is not first: %s", args[0])
	}
	if n := len(args); !slices.Equal(args[n-2:], []string{"--back_log=9", "--innodb_purge_threads=2"}) {
		t.Errorf("the parameters are not last and sorted: %v", args[n-2:])
	}
	if !slices.Contains(args, "--gtid-mode=ON") || slices.Contains(args, "--gtid-strict-mode=ON") {
		t.Errorf("another engine's settings: %v", args)
	}
}

func TestValidate(t *testing.T) {
	good := Config{Master: User{Name: "admin"}, Parameters: map[string]string{"sql_mode": "STRICT_ALL_TABLES,NO_ZERO_DATE"}}
	if err := good.validate(); err != nil {
		t.Error(err)
	}
	for name, cfg := range map[string]Config{
		"newline in a value": {Master: User{Name: "admin"}, Variables: map[string]string{"a": "1\ninit_file=/etc/passwd"}},
		"quote in a value":   {Master: User{Name: "admin"}, Variables: map[string]string{"a": "1'; DROP"}},
		"odd name":           {Master: User{Name: "admin"}, Parameters: map[string]string{"a b": "1"}},
		"no master":          {},
	} {
		if err := cfg.validate(); err == nil {
			t.Errorf("%s was accepted", name)
		}
	}
}

func TestNativePassword(t *testing.T) {
	// The digest that MySQL's manual gives for PASSWORD('mypass').
	if got := nativePassword("mypass"); got != "*6C8989366EAF75BB670AD8EA7A7FC1176A95CEF4" {
		t.Error(got)
	}
}

func TestQuoteName(t *testing.T) {
	if got := quoteName("a`b"); got != "`a``b`" {
		t.Error(got)
	}
}
