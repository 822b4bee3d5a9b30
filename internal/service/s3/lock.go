package s3

import (
	"encoding/xml"
	"net/http"
	"time"

	"apex/internal/api"
	"apex/internal/dataplane/objects"
)

// The headers that tell of an object's lock; they are kept with the object.
const (
	lockMode  = "X-Amz-Object-Lock-Mode"
	lockUntil = "X-Amz-Object-Lock-Retain-Until-Date"
	legalHold = "X-Amz-Object-Lock-Legal-Hold"
)

// lockConfiguration is a bucket's object lock.
type lockConfiguration struct {
	Enabled string `xml:"ObjectLockEnabled"`
	Default struct {
		Mode        string
		Days, Years int
	} `xml:"Rule>DefaultRetention"`
}

const lockEnabled = `<ObjectLockConfiguration xmlns="` + namespace + `"><ObjectLockEnabled>Enabled</ObjectLockEnabled></ObjectLockConfiguration>`

func (q *request) putLock() error {
	text, err := q.configuration()
	if err != nil {
		return err
	}
	var in lockConfiguration
	d := &in.Default
	switch err := xml.Unmarshal([]byte(text), &in); {
	case err != nil, in.Enabled != versioned, d.Mode != "" && !isLockMode(d.Mode), d.Mode != "" && (d.Days > 0) == (d.Years > 0):
		return malformed()
	case q.bucket.Spec.versioning() != versioned:
		return api.Errorf("InvalidBucketState", http.StatusConflict, "Versioning must be 'Enabled' on the bucket to apply a Object Lock configuration")
	}
	return q.keep(text)
}

func isLockMode(mode string) bool { return mode == "GOVERNANCE" || mode == "COMPLIANCE" }

// lock puts the lock that a request or its bucket's default asks for on a new
// object.
func (q *request) lock(o *objects.Object) error {
	text := q.bucket.Spec.Documents["object-lock"]
	mode, until, hold := q.Header.Get(lockMode), q.Header.Get(lockUntil), q.Header.Get(legalHold)
	switch {
	case text == "" && mode+until+hold != "":
		return api.Invalid("InvalidRequest", "Bucket is missing Object Lock Configuration")
	case text == "":
		return nil
	case (mode == "") != (until == ""):
		return api.Invalid("InvalidArgument", "x-amz-object-lock-retain-until-date and x-amz-object-lock-mode must both be supplied")
	}
	var c lockConfiguration
	if mode == "" && xml.Unmarshal([]byte(text), &c) == nil && c.Default.Mode != "" {
		mode = c.Default.Mode
		until = q.call.Now.UTC().AddDate(c.Default.Years, 0, c.Default.Days).Format(time.RFC3339)
	}
	if mode != "" {
		if at, err := time.Parse(time.RFC3339, until); err != nil || !at.After(q.call.Now) || !isLockMode(mode) {
			return api.Invalid("InvalidArgument", "The retain until date must be in the future, and the mode GOVERNANCE or COMPLIANCE")
		}
		o.Meta[lockMode], o.Meta[lockUntil] = mode, until
	}
	if hold != "" {
		o.Meta[legalHold] = hold
	}
	return nil
}

// unlocked lets a version be deleted only if no lock holds it.
func (q *request) unlocked(when objects.Condition) objects.Condition {
	return func(old *objects.Object) error {
		until, _ := time.Parse(time.RFC3339, old.Meta[lockUntil])
		held := old.Meta[legalHold] == "ON"
		if until.After(q.call.Now) && !(old.Meta[lockMode] == "GOVERNANCE" && q.bypasses(old.Key)) {
			held = true
		}
		switch {
		case held:
			return api.Errorf("AccessDenied", http.StatusForbidden, "Access Denied because object protected by object lock.")
		case when != nil:
			return when(old)
		}
		return nil
	}
}

// bypasses tells whether the caller wants to, and may, delete what governance
// holds.
func (q *request) bypasses(key string) bool {
	return q.Header.Get("X-Amz-Bypass-Governance-Retention") == "true" && q.allowed("BypassGovernanceRetention", q.bucketName, key) == nil
}

type retention struct {
	XMLName         xml.Name `xml:"http://s3.amazonaws.com/doc/2006-03-01/ Retention"`
	Mode            string   `xml:",omitempty"`
	RetainUntilDate string   `xml:",omitempty"`
}

func noLock() error {
	return api.Errorf("NoSuchObjectLockConfiguration", http.StatusNotFound, "The specified object does not have a ObjectLock configuration")
}

func (q *request) getRetention() error {
	o, err := q.stat()
	if err != nil {
		return err
	}
	if o.Meta[lockMode] == "" {
		return noLock()
	}
	return q.answer(retention{Mode: o.Meta[lockMode], RetainUntilDate: o.Meta[lockUntil]})
}

func (q *request) putRetention() error {
	var in struct {
		XMLName         xml.Name `xml:"Retention"`
		Mode            string
		RetainUntilDate string
	}
	if err := q.document(&in); err != nil {
		return err
	}
	at, err := time.Parse(time.RFC3339, in.RetainUntilDate)
	switch {
	case q.bucket.Spec.Documents["object-lock"] == "":
		return api.Invalid("InvalidRequest", "Bucket is missing Object Lock Configuration")
	case in.Mode != "" && (!isLockMode(in.Mode) || err != nil):
		return malformed()
	}
	return q.amend(func(o *objects.Object) error {
		old, _ := time.Parse(time.RFC3339, o.Meta[lockUntil])
		weaker := at.Before(old) || in.Mode != "COMPLIANCE" && o.Meta[lockMode] == "COMPLIANCE" || in.Mode == ""
		if old.After(q.call.Now) && weaker && (o.Meta[lockMode] == "COMPLIANCE" || !q.bypasses(o.Key)) {
			return api.Errorf("AccessDenied", http.StatusForbidden, "Access Denied because object protected by object lock.")
		}
		set(o, lockMode, in.Mode)
		set(o, lockUntil, in.RetainUntilDate)
		return nil
	})
}

// amend changes what is known of the version that the request names.
func (q *request) amend(change func(*objects.Object) error) error {
	o, err := q.stat()
	if err != nil {
		return err
	}
	q.showVersion(o.Version)
	return q.objects.Amend(q.bucket.Spec.ID, q.key, q.version(), change)
}

// set keeps a header of an object, or drops it if it is empty.
func set(o *objects.Object, header, value string) {
	if o.Meta == nil {
		o.Meta = map[string]string{}
	}
	if o.Meta[header] = value; value == "" {
		delete(o.Meta, header)
	}
}

type hold struct {
	XMLName xml.Name `xml:"http://s3.amazonaws.com/doc/2006-03-01/ LegalHold"`
	Status  string
}

func (q *request) getLegalHold() error {
	o, err := q.stat()
	if err != nil {
		return err
	}
	if o.Meta[legalHold] == "" {
		return noLock()
	}
	return q.answer(hold{Status: o.Meta[legalHold]})
}

func (q *request) putLegalHold() error {
	var in struct {
		XMLName xml.Name `xml:"LegalHold"`
		Status  string
	}
	if err := q.document(&in); err != nil {
		return err
	}
	switch {
	case q.bucket.Spec.Documents["object-lock"] == "":
		return api.Invalid("InvalidRequest", "Bucket is missing Object Lock Configuration")
	case in.Status != "ON" && in.Status != "OFF":
		return malformed()
	}
	return q.amend(func(o *objects.Object) error {
		set(o, legalHold, in.Status)
		return nil
	})
}
