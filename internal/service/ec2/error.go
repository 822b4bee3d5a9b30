package ec2

import "apex/internal/api"

// notFound is the error of an id that names nothing.
func notFound(code, what, id string) *api.Error {
	return api.Invalid(code, "The %s ID '%s' does not exist", what, id)
}

// inUse is the error of a resource that others depend on.
func inUse(what, id string) *api.Error {
	return api.Invalid("DependencyViolation", "The %s '%s' has dependencies and cannot be deleted.", what, id)
}

func invalidValue(format string, args ...any) *api.Error {
	return api.Invalid("InvalidParameterValue", format, args...)
}

// unsupported refuses what the region does not do rather than to keep it and do
// nothing.
func unsupported(format string, args ...any) *api.Error {
	return api.Invalid("UnsupportedOperation", format, args...)
}

// wouldSucceed is the answer to a call that asked to be tried only.
func wouldSucceed() *api.Error {
	return api.Errorf("DryRunOperation", 412, "Request would have succeeded, but DryRun flag is set.")
}
