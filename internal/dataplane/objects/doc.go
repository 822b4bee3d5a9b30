// Package objects keeps objects: content of any size under a name in a bucket,
// with what is to be known of it.
//
// # On disk
//
//	objects/index.db           what is known of each object, in order of the names (bbolt)
//	objects/content/3f/3f9a…   one file for each piece of content, named at random
//	objects/staged/…           content that is on its way
//
// A name never becomes a path. Content is on disk and in its place before the
// index names it, and the index is on disk before Commit returns: after a crash an
// object is the old one or the new one, whole. Files that no index names are
// removed by Open.
package objects
