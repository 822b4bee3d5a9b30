// Package image makes, sends and unpacks container images without Docker.
//
// BuildGo compiles a Go program and puts it on a minimal base: the same source
// and toolchain give the same digest. Push sends an image to any registry.
// Unpack lays an image's layers out as folders that overlayfs can stack, one
// folder for each layer, shared by all images that have it.
package image
