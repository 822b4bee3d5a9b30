package s3

import (
	"cmp"
	"encoding/json"
	"encoding/xml"
	"io"
	"net/http"

	"apex/internal/api"
)

// What a new bucket has (S3 user guide: since April 2023).
const (
	defaultAccessBlock = `<PublicAccessBlockConfiguration xmlns="` + namespace + `"><BlockPublicAcls>true</BlockPublicAcls><IgnorePublicAcls>true</IgnorePublicAcls><BlockPublicPolicy>true</BlockPublicPolicy><RestrictPublicBuckets>true</RestrictPublicBuckets></PublicAccessBlockConfiguration>`
	defaultOwnership   = `<OwnershipControls xmlns="` + namespace + `"><Rule><ObjectOwnership>BucketOwnerEnforced</ObjectOwnership></Rule></OwnershipControls>`
)

// A configuration is a document that a bucket may have.
type configuration struct {
	root string // the element that it is
	// absent is the code of the error when there is none, or, with empty set,
	// nothing: then an empty root is given.
	absent, message string
}

// configurations by their sub-resources.
var configurations = map[string]configuration{
	"versioning":        {root: "VersioningConfiguration"},
	"logging":           {root: "BucketLoggingStatus"},
	"notification":      {root: "NotificationConfiguration"},
	"accelerate":        {root: "AccelerateConfiguration"},
	"requestPayment":    {root: "RequestPaymentConfiguration"},
	"publicAccessBlock": {"PublicAccessBlockConfiguration", "NoSuchPublicAccessBlockConfiguration", "The public access block configuration was not found"},
	"ownershipControls": {"OwnershipControls", "OwnershipControlsNotFoundError", "The bucket ownership controls were not found"},
	"encryption":        {root: "ServerSideEncryptionConfiguration"},
	"analytics":         {root: "AnalyticsConfiguration"},
	"inventory":         {root: "InventoryConfiguration"},
	"metrics":           {root: "MetricsConfiguration"},

	"intelligent-tiering": {root: "IntelligentTieringConfiguration"},
	"lifecycle":           {"LifecycleConfiguration", "NoSuchLifecycleConfiguration", "The lifecycle configuration does not exist"},
	"cors":                {"CORSConfiguration", "NoSuchCORSConfiguration", "The CORS configuration does not exist"},
	"website":             {"WebsiteConfiguration", "NoSuchWebsiteConfiguration", "The specified bucket does not have a website configuration"},
	"replication":         {"ReplicationConfiguration", "ReplicationConfigurationNotFoundError", "The replication configuration was not found"},
	"object-lock":         {"ObjectLockConfiguration", "ObjectLockConfigurationNotFoundError", "Object Lock configuration does not exist for this bucket"},
	"policy":              {"", "NoSuchBucketPolicy", "The bucket policy does not exist"},
}

// getDocument gives back a configuration as it was put.
func (q *request) getDocument() error {
	c := configurations[q.op.sub]
	text := q.bucket.Spec.Documents[q.op.sub]
	switch {
	case text == "" && c.absent != "":
		return api.Errorf(c.absent, http.StatusNotFound, "%s", c.message)
	case text == "" && q.op.sub == "encryption":
		text = defaultEncryption
	case text == "" && q.op.sub == "requestPayment":
		text = "<RequestPaymentConfiguration xmlns=\"" + namespace + "\"><Payer>BucketOwner</Payer></RequestPaymentConfiguration>"
	case text == "":
		text = "<" + c.root + ` xmlns="` + namespace + `"/>`
	}
	return q.text200(text)
}

// putDocument keeps a configuration.
func (q *request) putDocument() error {
	text, err := q.configuration()
	if err != nil {
		return err
	}
	return q.keep(text)
}

// configuration reads a configuration, which must be well-formed and have the
// right root.
func (q *request) configuration() (string, error) {
	text, err := q.text()
	if err != nil {
		return "", err
	}
	var root struct {
		XMLName xml.Name
		Inner   string `xml:",innerxml"`
	}
	if err := xml.Unmarshal(text, &root); err != nil || root.XMLName.Local != configurations[q.op.sub].root {
		return "", api.Invalid("MalformedXML", "The XML you provided was not well-formed or did not validate against our published schema")
	}
	return string(text), nil
}

func (q *request) keep(text string) error { return q.keepAs(q.op.sub, text) }

func (q *request) keepAs(name, text string) error {
	return q.change(func(b *BucketSpec) {
		if b.Documents == nil {
			b.Documents = map[string]string{}
		}
		b.Documents[name] = text
	})
}

func (q *request) deleteDocument() error {
	if err := q.change(func(b *BucketSpec) { delete(b.Documents, q.op.sub) }); err != nil {
		return err
	}
	return q.noContent()
}

// maxPolicy is the largest bucket policy, in bytes.
const maxPolicy = 20 << 10

func (q *request) putPolicy() error {
	text, err := q.text()
	if err != nil {
		return err
	}
	var in struct{ Statement json.RawMessage }
	if len(text) > maxPolicy || json.Unmarshal(text, &in) != nil || len(in.Statement) == 0 {
		return api.Invalid("MalformedPolicy", "Policies must be valid JSON of at most %d bytes with a Statement", maxPolicy)
	}
	if err := q.keep(string(text)); err != nil {
		return err
	}
	return q.noContent()
}

func (q *request) getPolicy() error {
	text := q.bucket.Spec.Documents["policy"]
	if text == "" {
		return q.getDocument()
	}
	q.w.Header().Set("Content-Type", "application/json")
	_, _ = io.WriteString(q.w, text) // an error is of the connection: the client is gone
	return nil
}

type policyStatus struct {
	XMLName  xml.Name `xml:"http://s3.amazonaws.com/doc/2006-03-01/ PolicyStatus"`
	IsPublic bool
}

func (q *request) getPolicyStatus() error {
	if q.bucket.Spec.Documents["policy"] == "" {
		c := configurations["policy"]
		return api.Errorf(c.absent, http.StatusNotFound, "%s", c.message)
	}
	return q.answer(policyStatus{})
}

// putLifecycle keeps rules that the controller can carry out.
func (q *request) putLifecycle() error {
	text, err := q.configuration()
	if err != nil {
		return err
	}
	if _, err := parseLifecycle(text); err != nil {
		return err
	}
	least := cmp.Or(q.Header.Get(leastSizeHeader), leastSize)
	if least != leastSize && least != "varies_by_storage_class" {
		return api.Invalid("InvalidRequest", "%s: %q is neither %s nor varies_by_storage_class", leastSizeHeader, least, leastSize)
	}
	if err := q.keep(text); err != nil {
		return err
	}
	q.w.Header().Set(leastSizeHeader, least)
	return q.change(func(b *BucketSpec) { b.LeastSize = least })
}

// leastSizeHeader says from which size on objects go to another storage class, and
// leastSize is AWS's default. There are no transitions here: it is only kept.
const (
	leastSizeHeader = "X-Amz-Transition-Default-Minimum-Object-Size"
	leastSize       = "all_storage_classes_128K"
)

func (q *request) getLifecycle() error {
	if q.bucket.Spec.Documents["lifecycle"] != "" {
		q.w.Header().Set(leastSizeHeader, cmp.Or(q.bucket.Spec.LeastSize, leastSize))
	}
	return q.getDocument()
}
