package registry

import (
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// getBlob serves content, also in ranges.
func (r *request) getBlob() error {
	d, err := ParseDigest(r.object)
	if err != nil {
		return err
	}
	if err := r.mustHave(d); err != nil {
		return err
	}
	f, err := r.Blobs.Open(d)
	if err != nil {
		return err
	}
	defer f.Close()
	h := r.w.Header()
	h.Set("Content-Type", "application/octet-stream")
	h.Set("Docker-Content-Digest", string(d))
	h.Set("Etag", `"`+string(d)+`"`)
	http.ServeContent(r.w, r.Request, "", time.Time{}, f)
	return nil
}

func (r *request) mustHave(d Digest) error {
	has, err := r.index.HasBlob(r.Context(), r.repository, d)
	if err == nil && !has {
		err = ErrBlobUnknown.because("blob %s: not in repository %s", d, r.repository)
	}
	return err
}

// startUpload begins an upload, or ends it at once: when the whole content
// comes along, or when the blob can be mounted from another repository.
func (r *request) startUpload() error {
	if r.object != "" {
		return ErrUnsupported
	}
	query := r.URL.Query()
	if mounted, err := r.mount(query.Get("mount"), query.Get("from")); mounted || err != nil {
		return err
	}
	if _, err := r.index.HasBlob(r.Context(), r.repository, DigestOf(nil)); err != nil {
		return err // no such repository, or no right to it
	}
	id, err := r.Blobs.StartUpload()
	if err != nil {
		return err
	}
	if r.object = id; query.Has("digest") {
		return r.finishUpload()
	}
	r.answerUpload(http.StatusAccepted, 0)
	return nil
}

// mount makes a blob of another repository this one's too. A client that asks
// for what is not there is given a plain upload.
func (r *request) mount(digest, from string) (bool, error) {
	d, err := ParseDigest(digest)
	if err != nil || !validName(from) {
		return false, nil
	}
	if has, err := r.index.HasBlob(r.Context(), from, d); err != nil || !has {
		return false, nil
	}
	size, err := r.Blobs.Size(d)
	if err != nil {
		return false, err
	}
	if err := r.index.AddBlob(r.Context(), r.repository, d, size); err != nil {
		return false, err
	}
	r.answerBlob(d)
	return true, nil
}

func (r *request) uploadStatus() error {
	size, err := r.Blobs.UploadSize(r.object)
	if err != nil {
		return err
	}
	r.answerUpload(http.StatusNoContent, size)
	return nil
}

func (r *request) extendUpload() error {
	offset, err := chunkOffset(r.Request)
	if err != nil {
		return err
	}
	size, err := r.extend(offset)
	if err != nil {
		return err
	}
	r.answerUpload(http.StatusAccepted, size)
	return nil
}

// extend adds the body to the upload within the limit of a blob's size.
func (r *request) extend(offset int64) (int64, error) {
	had, err := r.Blobs.UploadSize(r.object)
	if err != nil {
		return 0, err
	}
	if r.ContentLength > r.MaxBlob-had {
		return 0, r.tooLarge()
	}
	body := http.MaxBytesReader(r.w, r.Body, r.MaxBlob-had)
	size, err := r.Blobs.ExtendUpload(r.object, offset, body)
	if tooLong := new(http.MaxBytesError); errors.As(err, &tooLong) {
		return 0, r.tooLarge()
	}
	return size, err
}

func (r *request) tooLarge() error {
	return ErrSizeInvalid.because("blob: over %d bytes", r.MaxBlob)
}

// chunkOffset reads where a chunk begins: "Content-Range: 0-99", or "bytes
// 0-99/100" as some clients send.
func chunkOffset(r *http.Request) (int64, error) {
	text := r.Header.Get("Content-Range")
	if text == "" {
		return AtEnd, nil
	}
	first, _, ok := strings.Cut(strings.TrimPrefix(text, "bytes "), "-")
	offset, err := strconv.ParseInt(first, 10, 64)
	if !ok || err != nil || offset < 0 {
		return 0, ErrUploadInvalid.because("content range %q: not first-last", text)
	}
	return offset, nil
}

// finishUpload adds the last chunk, which is all there is in a monolithic
// upload and often empty in a chunked one.
func (r *request) finishUpload() error {
	d, err := ParseDigest(r.URL.Query().Get("digest"))
	if err != nil {
		return err
	}
	offset, err := chunkOffset(r.Request)
	if err != nil {
		return err
	}
	if _, err := r.extend(offset); err != nil {
		return err
	}
	size, err := r.Blobs.FinishUpload(r.object, d)
	if err != nil {
		return err
	}
	if err := r.index.AddBlob(r.Context(), r.repository, d, size); err != nil {
		return err
	}
	r.answerBlob(d)
	return nil
}

func (r *request) cancelUpload() error {
	if _, err := r.Blobs.UploadSize(r.object); err != nil {
		return err
	}
	if err := r.Blobs.CancelUpload(r.object); err != nil {
		return err
	}
	r.w.WriteHeader(http.StatusNoContent)
	return nil
}

func (r *request) answerBlob(d Digest) {
	h := r.w.Header()
	h.Set("Location", fmt.Sprintf("/v2/%s/blobs/%s", r.repository, d))
	h.Set("Docker-Content-Digest", string(d))
	r.w.WriteHeader(http.StatusCreated)
}

func (r *request) answerUpload(status int, size int64) {
	h := r.w.Header()
	h.Set("Location", fmt.Sprintf("/v2/%s/blobs/uploads/%s", r.repository, r.object))
	h.Set("Range", fmt.Sprintf("0-%d", max(size-1, 0)))
	h.Set("Docker-Upload-UUID", r.object)
	r.w.WriteHeader(status)
}
