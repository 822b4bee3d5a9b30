package auth

import (
	"encoding/json"
	"strconv"
	"time"

	"apex/internal/dataplane/balancer/cookie"
	"apex/internal/dataplane/balancer/http1"
)

const (
	shardSize = 3800 // of a session's text in one cookie, which may have 4096 bytes
	maxShards = 8
)

// A session is a user's login, kept in cookies.
type session struct {
	Rule    string // the short name of the login it is for
	Claims  json.RawMessage
	Subject string
	Access  string
	Refresh string    `json:",omitempty"`
	Expires time.Time `json:",omitzero"` // of the access token; zero: not said
	Ends    time.Time
}

// sealSession returns the cookies that hold a session: as many as its length
// needs. The first one begins with their number.
func sealSession(s *cookie.Sealer, name string, v session, secure bool) ([]cookie.Setting, error) {
	text, err := json.Marshal(v)
	if err != nil {
		return nil, err
	}
	value := s.Seal(name, text)
	n := (len(value) + shardSize - 1) / shardSize
	if n > maxShards {
		return nil, errTooLarge
	}
	var out []cookie.Setting
	for i := range n {
		part := value[i*shardSize : min((i+1)*shardSize, len(value))]
		if i == 0 {
			part = strconv.Itoa(n) + "." + part
		}
		out = append(out, cookie.Setting{Name: name + "-" + strconv.Itoa(i), Value: part, Expires: v.Ends, Private: true, Secret: secure})
	}
	return out, nil
}

// openSession reads a session of the login from a request's cookies.
func openSession(s *cookie.Sealer, name, rule string, fields []http1.Field, now time.Time) (session, bool) {
	first := cookie.Find(fields, name+"-0")
	if len(first) < 2 || first[1] != '.' || first[0] < '1' || first[0] > '0'+maxShards {
		return session{}, false
	}
	value := append([]byte(nil), first[2:]...)
	for i := 1; i < int(first[0]-'0'); i++ {
		value = append(value, cookie.Find(fields, name+"-"+strconv.Itoa(i))...)
	}
	text, ok := s.Open(name, value)
	var v session
	if !ok || json.Unmarshal(text, &v) != nil {
		return session{}, false
	}
	return v, v.Rule == rule && now.Before(v.Ends)
}
