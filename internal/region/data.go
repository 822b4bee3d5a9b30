package region

import (
	"apex/internal/service/elasticache"
	"apex/internal/service/rds"
)

// DatabaseDir is where the home keeps the database with AWS's resource id.
func (h Home) DatabaseDir(resourceID string) string { return rds.Dir(h.Dir, resourceID) }

// CacheDir is where the home keeps the cache with the ARN.
func (h Home) CacheDir(arn string) string { return elasticache.Dir(h.Dir, arn) }
