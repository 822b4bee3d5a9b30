package ssm

import (
	"regexp"
	"strings"

	"apex/internal/api"
	"apex/internal/api/ssmapi"
)

var namePattern = regexp.MustCompile(`^[a-zA-Z0-9_.\-/]+$`)

const (
	maxName   = 1011 // characters
	maxLevels = 15
)

// validName refuses names that no parameter can be made with (source: SSM API
// reference, PutParameter).
func validName(name string) error {
	bare := strings.ToLower(strings.TrimPrefix(name, "/"))
	switch {
	case strings.HasPrefix(bare, "aws"):
		return api.Invalid("AccessDeniedException", "No access to reserved parameter name: %s.", name)
	case strings.HasPrefix(bare, "ssm"), !namePattern.MatchString(name), len(name) > maxName, strings.Contains(name, "//"), strings.HasSuffix(name, "/"):
		return invalid(`Parameter name: can't be prefixed with "aws" or "ssm" (case-insensitive). If formed as a path, it can consist of sub-paths divided by slash symbol; each sub-path can be formed as a mix of letters, numbers and the following 3 symbols .-_`)
	case strings.Contains(name, "/") && name[0] != '/':
		return invalid("Parameter name must be a fully qualified name.")
	case strings.Count(name, "/") > maxLevels:
		return ssmapi.NewHierarchyLevelLimitExceededException("Parameter name: a hierarchy can have at most %d levels.", maxLevels)
	}
	return nil
}

func invalid(format string, args ...any) *api.Error {
	return api.Invalid("ValidationException", format, args...)
}
