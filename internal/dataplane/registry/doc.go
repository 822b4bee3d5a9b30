// Package registry serves container images by the OCI distribution protocol
// (version 1.1) from blobs on disk.
//
// Content and names are apart. Blobs keeps content: files named by their
// SHA-256, written once, checked before they appear, on disk before they are
// answered. An Index, which the caller provides, keeps names: which repositories
// there are, which blobs belong to each, which manifest a tag means. The region
// keeps its index in its store, so that the registry's clients and the ECR API
// see one truth; nothing here caches it.
//
// New makes an http.Handler for everything under /v2/. Config.Open turns a
// client's Basic credentials into the Index that those may see.
package registry
