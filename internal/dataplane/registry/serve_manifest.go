package registry

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

func (r *request) getManifest() error {
	found, err := r.index.Manifest(r.Context(), r.repository, r.object)
	if err != nil {
		return err
	}
	body, err := r.Blobs.Read(found.Digest)
	if err != nil {
		return err
	}
	h := r.w.Header()
	h.Set("Content-Type", found.MediaType)
	h.Set("Docker-Content-Digest", string(found.Digest))
	h.Set("Etag", `"`+string(found.Digest)+`"`)
	http.ServeContent(r.w, r.Request, "", time.Time{}, bytes.NewReader(body))
	return nil
}

func (r *request) putManifest() error {
	body, err := io.ReadAll(http.MaxBytesReader(r.w, r.Body, MaxManifest))
	if tooLong := new(http.MaxBytesError); errors.As(err, &tooLong) {
		return ErrSizeInvalid.because("manifest: over %d bytes", MaxManifest)
	}
	if err != nil {
		return ErrManifestInvalid.because("manifest: broke off")
	}
	m, err := ParseManifest(body, r.Header.Get("Content-Type"))
	if err != nil {
		return err
	}
	tag, err := tagFor(r.object, m.Digest)
	if err != nil {
		return err
	}
	if err := CheckComplete(r.Context(), r.index, r.repository, m); err != nil {
		return err
	}
	if _, err := r.Blobs.Put(m.Digest, bytes.NewReader(body)); err != nil {
		return err
	}
	if err := r.index.PutManifest(r.Context(), r.repository, tag, m); err != nil {
		return err
	}
	h := r.w.Header()
	h.Set("Location", fmt.Sprintf("/v2/%s/manifests/%s", r.repository, m.Digest))
	h.Set("Docker-Content-Digest", string(m.Digest))
	if m.Subject != "" {
		h.Set("OCI-Subject", string(m.Subject))
	}
	r.w.WriteHeader(http.StatusCreated)
	return nil
}

// tagFor returns the tag that a manifest is pushed by, empty if by its digest.
func tagFor(reference string, d Digest) (string, error) {
	switch {
	case reference == string(d):
		return "", nil
	case strings.Contains(reference, ":"):
		return "", ErrDigestInvalid.because("manifest has digest %s, not %s", d, reference)
	case !ValidTag(reference):
		return "", ErrTagInvalid.because("tag %q: invalid", reference)
	}
	return reference, nil
}

func (r *request) deleteManifest() error {
	if err := r.index.DeleteManifest(r.Context(), r.repository, r.object); err != nil {
		return err
	}
	r.w.WriteHeader(http.StatusAccepted)
	return nil
}

func (r *request) listTags() error {
	tags, err := r.index.Tags(r.Context(), r.repository)
	if err != nil {
		return err
	}
	query := r.URL.Query()
	if last := query.Get("last"); last != "" {
		i, found := slices.BinarySearch(tags, last)
		if found {
			i++
		}
		tags = tags[i:]
	}
	if n, err := strconv.Atoi(query.Get("n")); err == nil && n >= 0 && n < len(tags) {
		tags = tags[:n]
		if n > 0 {
			next := url.Values{"n": {strconv.Itoa(n)}, "last": {tags[n-1]}}
			r.w.Header().Set("Link", fmt.Sprintf(`</v2/%s/tags/list?%s>; rel="next"`, r.repository, next.Encode()))
		}
	}
	answer(r.w, http.StatusOK, map[string]any{"name": r.repository, "tags": append([]string{}, tags...)})
	return nil
}

func (r *request) listReferrers() error {
	d, err := ParseDigest(r.object)
	if err != nil {
		return err
	}
	all, err := r.index.Referrers(r.Context(), r.repository, d)
	if err != nil {
		return err
	}
	if artifact := r.URL.Query().Get("artifactType"); artifact != "" {
		all = slices.DeleteFunc(slices.Clone(all), func(d Descriptor) bool { return d.ArtifactType != artifact })
		r.w.Header().Set("OCI-Filters-Applied", "artifactType")
	}
	r.w.Header().Set("Content-Type", OCIIndex)
	answer(r.w, http.StatusOK, map[string]any{
		"schemaVersion": 2, "mediaType": OCIIndex, "manifests": append([]Descriptor{}, all...),
	})
	return nil
}
