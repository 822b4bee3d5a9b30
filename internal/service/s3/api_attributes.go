package s3

import (
	"cmp"
	"encoding/xml"
	"net/http"
	"strings"
)

type attributes struct {
	XMLName     xml.Name       `xml:"http://s3.amazonaws.com/doc/2006-03-01/ GetObjectAttributesResponse"`
	ETag        string         `xml:",omitempty"`
	Checksum    *attributeSums `xml:",omitempty"`
	ObjectParts *struct {
		TotalPartsCount int `xml:"PartsCount"`
	} `xml:",omitempty"`
	StorageClass string `xml:",omitempty"`
	ObjectSize   *int64 `xml:",omitempty"`
}

type attributeSums struct {
	Values       []attributeSum
	ChecksumType string
}

type attributeSum struct {
	XMLName xml.Name
	Value   string `xml:",chardata"`
}

func (q *request) getAttributes() error {
	o, err := q.stat()
	if err == nil {
		err = q.decrypt(&o)
	}
	if err != nil {
		return err
	}
	q.showVersion(o.Version)
	var out attributes
	for name := range strings.SplitSeq(strings.Join(q.Header.Values("X-Amz-Object-Attributes"), ","), ",") {
		switch strings.TrimSpace(name) {
		case "ETag":
			out.ETag = o.Tag
		case "StorageClass":
			out.StorageClass = cmp.Or(o.Meta[storageClass], standardClass)
		case "ObjectSize":
			out.ObjectSize = &o.Size
		case "Checksum":
			out.Checksum = &attributeSums{}
			for a, sum := range o.Sums {
				out.Checksum.Values = append(out.Checksum.Values, attributeSum{xml.Name{Local: "Checksum" + a}, sum})
				out.Checksum.ChecksumType = kindOf(sum)
			}
		case "ObjectParts":
			if strings.Contains(o.Tag, "-") {
				out.ObjectParts = &struct {
					TotalPartsCount int `xml:"PartsCount"`
				}{len(o.Parts)}
			}
		}
	}
	q.w.Header().Set("Last-Modified", o.Modified.UTC().Format(http.TimeFormat))
	return q.answer(out)
}
