package s3

import (
	"encoding/xml"
	"net/http"
	"slices"
	"strings"

	"apex/internal/api"
)

// accessControl is an access control list.
type accessControl struct {
	XMLName xml.Name `xml:"http://s3.amazonaws.com/doc/2006-03-01/ AccessControlPolicy"`
	Owner   owner
	Grants  []grant `xml:"AccessControlList>Grant"`
}

type grant struct {
	Grantee    grantee
	Permission string
}

type grantee struct {
	Instance string `xml:"xmlns:xsi,attr"`
	Type     string `xml:"xsi:type,attr"`
	ID       string `xml:",omitempty"`
	URI      string `xml:",omitempty"`
}

const instance = "http://www.w3.org/2001/XMLSchema-instance"

// groups are what canned lists grant besides all rights of the owner (S3 user
// guide, Canned ACL).
var groups = map[string][][2]string{
	"private":                   nil,
	"bucket-owner-full-control": nil,
	"bucket-owner-read":         nil,
	"public-read":               {{"global/AllUsers", "READ"}},
	"public-read-write":         {{"global/AllUsers", "READ"}, {"global/AllUsers", "WRITE"}},
	"authenticated-read":        {{"global/AuthenticatedUsers", "READ"}},
	"log-delivery-write":        {{"s3/LogDelivery", "WRITE"}, {"s3/LogDelivery", "READ_ACP"}},
}

// canned makes the list that a name stands for.
func canned(name, account string) (string, bool) {
	more, ok := groups[name]
	who := ownerOf(account)
	list := accessControl{Owner: who, Grants: []grant{{grantee{Instance: instance, Type: "CanonicalUser", ID: who.ID}, "FULL_CONTROL"}}}
	for _, g := range more {
		list.Grants = append(list.Grants, grant{grantee{Instance: instance, Type: "Group", URI: "http://acs.amazonaws.com/groups/" + g[0]}, g[1]})
	}
	text, err := xml.Marshal(list)
	return string(text), ok && err == nil
}

func (q *request) getACL() error {
	text := q.bucket.Spec.Documents["acl"]
	if q.key != "" {
		if _, err := q.stat(); err != nil {
			return err
		}
		text = ""
	}
	if text == "" {
		text, _ = canned("private", q.bucket.Spec.Account)
	}
	return q.text200(text)
}

// enforced reports whether the bucket's owner owns all, and lists say nothing.
func (b *BucketSpec) enforced() bool {
	return strings.Contains(b.Documents["ownershipControls"], "BucketOwnerEnforced") || b.Documents["ownershipControls"] == ""
}

// ownersOwn are the canned lists that change nothing.
var ownersOwn = []string{"private", "bucket-owner-full-control"}

// putACL keeps a bucket's list; of objects it takes what changes nothing.
func (q *request) putACL() error {
	text, err := q.text()
	if err != nil {
		return err
	}
	name := q.Header.Get("X-Amz-Acl")
	unchanged := len(text) == 0 && slices.Contains(ownersOwn, name)
	switch {
	case q.bucket.Spec.enforced() && unchanged, q.key != "" && unchanged:
		return nil
	case q.bucket.Spec.enforced():
		return aclsOff()
	case q.key != "":
		return notImplemented("Access control lists of objects are not built in this region")
	}
	list := string(text)
	if name != "" {
		var ok bool
		if list, ok = canned(name, q.bucket.Spec.Account); !ok {
			return api.Invalid("InvalidArgument", "The canned ACL %s is not one", name)
		}
	}
	var in struct {
		XMLName xml.Name `xml:"AccessControlPolicy"`
	}
	if xml.Unmarshal([]byte(list), &in) != nil {
		return malformed()
	}
	if strings.Contains(list, "groups/global/") && strings.Contains(q.bucket.Spec.Documents["publicAccessBlock"], "<BlockPublicAcls>true") {
		return api.Errorf("AccessDenied", http.StatusForbidden, "Access Denied because public ACLs are prevented by the BlockPublicAcls setting in S3 Block Public Access.")
	}
	return q.keep(list)
}

func aclsOff() error {
	return api.Invalid("AccessControlListNotSupported", "The bucket does not allow ACLs")
}
