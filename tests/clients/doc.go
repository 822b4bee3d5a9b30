// Package clients tests that the clients people have feel at home: the official
// SDKs over every operation, the aws command line, registry clients.
package clients
