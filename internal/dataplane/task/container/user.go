package container

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"
	"strconv"
	"strings"
)

// An identity is who a process runs as.
type identity struct {
	uid, gid uint32
	groups   []uint32
	home     string
}

// lookupUser resolves user[:group] in the /etc/passwd and /etc/group of the
// root it is called in.
func lookupUser(name string) (identity, error) {
	passwd, err := open("/etc/passwd")
	if err != nil {
		return identity{}, err
	}
	defer passwd.Close()
	group, err := open("/etc/group")
	if err != nil {
		return identity{}, err
	}
	defer group.Close()
	return resolveUser(name, passwd, group)
}

// open opens a file; one that is missing reads as empty.
func open(path string) (io.ReadCloser, error) {
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return io.NopCloser(strings.NewReader("")), nil
	}
	return f, err
}

// resolveUser follows Docker: a number need not be listed and has group 0 then;
// supplementary groups come only with a listed user and no group given.
func resolveUser(name string, passwd, group io.Reader) (identity, error) {
	user, groupName, grouped := strings.Cut(name, ":")
	if user == "" {
		user = "0"
	}
	id, login, err := findUser(user, passwd)
	if err != nil {
		return identity{}, err
	}
	groups := records(group, 4)
	if !grouped || groupName == "" {
		id.groups = memberships(login, groups)
		return id, nil
	}
	id.gid, err = findGroup(groupName, groups)
	return id, err
}

func findUser(user string, passwd io.Reader) (id identity, login string, err error) {
	for _, r := range records(passwd, 7) { // name:password:uid:gid:comment:home:shell
		if r[0] != user && r[2] != user {
			continue
		}
		if id.uid, err = number(r[2]); err != nil {
			return identity{}, "", err
		}
		if id.gid, err = number(r[3]); err != nil {
			return identity{}, "", err
		}
		id.home = r[5]
		return id, r[0], nil
	}
	if id.uid, err = number(user); err != nil {
		return identity{}, "", errors.New("no such user in the image's /etc/passwd")
	}
	id.home = "/"
	return id, "", nil
}

func findGroup(name string, groups [][]string) (uint32, error) {
	for _, r := range groups { // name:password:gid:members
		if r[0] == name {
			return number(r[2])
		}
	}
	gid, err := number(name)
	if err != nil {
		return 0, errors.New("no such group in the image's /etc/group")
	}
	return gid, nil
}

func memberships(login string, groups [][]string) []uint32 {
	var member []uint32
	for _, r := range groups {
		if login == "" || !slices.Contains(strings.Split(r[3], ","), login) {
			continue
		}
		if gid, err := number(r[2]); err == nil {
			member = append(member, gid)
		}
	}
	return member
}

// number reads a user or group id. The highest means "unchanged" to the kernel.
func number(s string) (uint32, error) {
	n, err := strconv.ParseUint(s, 10, 31)
	if err != nil {
		return 0, fmt.Errorf("id %q: not a number from 0 to 2147483647", s)
	}
	return uint32(n), nil
}

// records returns the lines with at least n fields between colons.
func records(r io.Reader, n int) [][]string {
	var all [][]string
	lines := bufio.NewScanner(r)
	for lines.Scan() {
		if fields := strings.Split(strings.TrimSpace(lines.Text()), ":"); len(fields) >= n && fields[0] != "" {
			all = append(all, fields)
		}
	}
	return all
}
