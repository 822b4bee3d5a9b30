package supervisor

import (
	"os/user"
	"strconv"
)

// nobody is the user that owns nothing, by the kernel's own number for it.
const nobody = 65534

// UserIDs returns the ids of the named user, or of nobody if this machine has no
// such user.
func UserIDs(name string) (uid, gid int) {
	u, err := user.Lookup(name)
	if err != nil {
		return nobody, nobody
	}
	uid, errUID := strconv.Atoi(u.Uid)
	gid, errGID := strconv.Atoi(u.Gid)
	if errUID != nil || errGID != nil {
		return nobody, nobody
	}
	return uid, gid
}
