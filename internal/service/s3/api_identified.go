package s3

import (
	"encoding/xml"
	"io"
	"net/http"
	"slices"
	"strings"

	"apex/internal/api"
)

// Some configurations a bucket may have several of, each under an id.

func (q *request) identified() (string, error) {
	id := q.query.Get("id")
	if id == "" || len(id) > 64 {
		return "", api.Invalid("InvalidConfigurationId", "The specified configuration id is invalid.")
	}
	return q.op.sub + "/" + id, nil
}

func (q *request) putIdentified() error {
	name, err := q.identified()
	if err != nil {
		return err
	}
	text, err := q.configuration()
	if err != nil {
		return err
	}
	var in struct {
		ID string `xml:"Id"`
	}
	if xml.Unmarshal([]byte(text), &in) != nil || in.ID != q.query.Get("id") {
		return malformed()
	}
	return q.keepAs(name, text)
}

func (q *request) getIdentified() error {
	if !q.query.Has("id") {
		return q.listIdentified()
	}
	name, err := q.identified()
	if err != nil {
		return err
	}
	text := q.bucket.Spec.Documents[name]
	if text == "" {
		return noConfiguration()
	}
	return q.text200(text)
}

func noConfiguration() error {
	return api.Errorf("NoSuchConfiguration", http.StatusNotFound, "The specified configuration does not exist.")
}

func (q *request) deleteIdentified() error {
	name, err := q.identified()
	if err != nil {
		return err
	}
	if q.bucket.Spec.Documents[name] == "" {
		return noConfiguration()
	}
	if err := q.change(func(b *BucketSpec) { delete(b.Documents, name) }); err != nil {
		return err
	}
	return q.noContent()
}

// listIdentified gives all configurations of a kind at once.
func (q *request) listIdentified() error {
	root := listRoots[q.op.sub]
	var names []string
	for name := range q.bucket.Spec.Documents {
		if strings.HasPrefix(name, q.op.sub+"/") {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	var b strings.Builder
	b.WriteString("<" + root + ` xmlns="` + namespace + `"><IsTruncated>false</IsTruncated>`)
	for _, name := range names {
		b.WriteString(withoutHeader(q.bucket.Spec.Documents[name]))
	}
	b.WriteString("</" + root + ">")
	return q.text200(b.String())
}

var listRoots = map[string]string{
	"analytics": "ListBucketAnalyticsConfigurationResult", "inventory": "ListInventoryConfigurationsResult",
	"metrics": "ListMetricsConfigurationsResult", "intelligent-tiering": "ListBucketIntelligentTieringConfigurationsOutput",
}

// withoutHeader cuts an XML declaration off.
func withoutHeader(text string) string {
	if strings.HasPrefix(text, "<?xml") {
		_, text, _ = strings.Cut(text, "?>")
	}
	return text
}

// text200 answers a text of XML.
func (q *request) text200(text string) error {
	q.w.Header().Set("Content-Type", "application/xml")
	// An error here is of the connection: the client is gone.
	_, _ = io.WriteString(q.w, text)
	return nil
}
