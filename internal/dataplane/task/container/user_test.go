package container

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const (
	testPasswd = "root:x:0:0:root:/root:/bin/sh\nann:x:1000:1000:Ann:/home/ann:/bin/sh\nbad:x:many:0::/:\n# comment\n"
	testGroup  = "root:x:0:\nstaff:x:50:bob,ann\nwheel:x:10:ann\n"
)

func TestResolveUser(t *testing.T) {
	for name, want := range map[string]identity{
		"":          {home: "/root"},
		"0":         {home: "/root"},
		"ann":       {uid: 1000, gid: 1000, groups: []uint32{50, 10}, home: "/home/ann"},
		"1000":      {uid: 1000, gid: 1000, groups: []uint32{50, 10}, home: "/home/ann"},
		"ann:":      {uid: 1000, gid: 1000, groups: []uint32{50, 10}, home: "/home/ann"},
		"ann:wheel": {uid: 1000, gid: 10, home: "/home/ann"},
		"65532":     {uid: 65532, home: "/"},
		"65532:7":   {uid: 65532, gid: 7, home: "/"},
		":staff":    {gid: 50, home: "/root"},
	} {
		got, err := resolveUser(name, strings.NewReader(testPasswd), strings.NewReader(testGroup))
		if err != nil {
			t.Errorf("%q: %v", name, err)
		}
		if diff := cmp.Diff(want, got, cmp.AllowUnexported(identity{})); diff != "" {
			t.Errorf("%q (-want +got):\n%s", name, diff)
		}
	}
}

func TestResolveUserRefuses(t *testing.T) {
	for _, name := range []string{"bob", "ann:bobs", "-1", "4294967295", "2147483648", "bad", "1 ", "ann:-1"} {
		if got, err := resolveUser(name, strings.NewReader(testPasswd), strings.NewReader(testGroup)); err == nil {
			t.Errorf("%q: got %+v, want an error", name, got)
		}
	}
}

func FuzzResolveUser(f *testing.F) {
	f.Add("ann:staff", testPasswd, testGroup)
	f.Add("1000", "::::::\n:::", ":::")
	f.Fuzz(func(t *testing.T, name, passwd, group string) {
		id, err := resolveUser(name, strings.NewReader(passwd), strings.NewReader(group))
		if err == nil && (id.uid > 1<<31-1 || id.gid > 1<<31-1) {
			t.Errorf("id out of range: %+v", id)
		}
	})
}
