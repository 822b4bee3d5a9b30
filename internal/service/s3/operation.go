package s3

import (
	"cmp"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"apex/internal/api"
)

// A level is what a request's path names.
type level int

const (
	account level = iota // "/"
	inBucket
	inObject
)

// An operation is one of S3's calls: how it is recognised and what it does.
type operation struct {
	name   string
	method string
	level  level
	// sub is the sub-resource in the query string, header one in the headers,
	// that tells the operation from others of its method; empty if none does.
	sub, header string
	// action is the IAM action, without "s3:"; empty if it is the name.
	action  string
	serve   func(*request) error
	support api.Support // empty for Real
	note    string
}

func (o *operation) info() api.OperationInfo {
	return api.OperationInfo{Service: serviceInfo, Name: o.name, Method: o.method}
}

func (o *operation) grade() api.Support { return cmp.Or(o.support, api.Real) }

// operations are the calls served. Of those that match a request the first is
// taken; the names of IAM actions are from the service authorization reference.
var operations = []operation{
	{name: "ListBuckets", method: http.MethodGet, level: account, action: "ListAllMyBuckets", serve: (*request).listBuckets},

	{name: "CreateBucket", method: http.MethodPut, level: inBucket, serve: (*request).createBucket},
	{name: "DeleteBucket", method: http.MethodDelete, level: inBucket, serve: (*request).deleteBucket},
	{name: "HeadBucket", method: http.MethodHead, level: inBucket, action: "ListBucket", serve: (*request).headBucket},
	{name: "GetBucketLocation", method: http.MethodGet, level: inBucket, sub: "location", serve: (*request).getBucketLocation},
	{name: "ListObjectsV2", method: http.MethodGet, level: inBucket, sub: "list-type", action: "ListBucket", serve: (*request).listObjectsV2},
	{name: "ListObjectVersions", method: http.MethodGet, level: inBucket, sub: "versions", action: "ListBucketVersions", serve: (*request).listObjectVersions},
	{name: "ListMultipartUploads", method: http.MethodGet, level: inBucket, sub: "uploads", action: "ListBucketMultipartUploads", serve: (*request).listUploads},
	{name: "ListObjects", method: http.MethodGet, level: inBucket, action: "ListBucket", serve: (*request).listObjects},
	{name: "DeleteObjects", method: http.MethodPost, level: inBucket, sub: "delete", action: perObject, serve: (*request).deleteObjects},

	{name: "GetBucketTagging", method: http.MethodGet, level: inBucket, sub: "tagging", serve: (*request).getBucketTagging},
	{name: "PutBucketTagging", method: http.MethodPut, level: inBucket, sub: "tagging", serve: (*request).putBucketTagging},
	{name: "DeleteBucketTagging", method: http.MethodDelete, level: inBucket, sub: "tagging", action: "PutBucketTagging", serve: (*request).deleteBucketTagging},
	{name: "GetBucketVersioning", method: http.MethodGet, level: inBucket, sub: "versioning", serve: (*request).getDocument},
	{name: "PutBucketVersioning", method: http.MethodPut, level: inBucket, sub: "versioning", serve: (*request).putVersioning, note: "MfaDelete is refused"},
	{name: "GetBucketPolicy", method: http.MethodGet, level: inBucket, sub: "policy", serve: (*request).getPolicy},
	{name: "PutBucketPolicy", method: http.MethodPut, level: inBucket, sub: "policy", serve: (*request).putPolicy},
	{name: "DeleteBucketPolicy", method: http.MethodDelete, level: inBucket, sub: "policy", serve: (*request).deleteDocument},
	{name: "GetBucketPolicyStatus", method: http.MethodGet, level: inBucket, sub: "policyStatus", serve: (*request).getPolicyStatus, note: "no bucket is public: every request is signed"},
	{name: "GetPublicAccessBlock", method: http.MethodGet, level: inBucket, sub: "publicAccessBlock", action: "GetBucketPublicAccessBlock", serve: (*request).getDocument},
	{name: "PutPublicAccessBlock", method: http.MethodPut, level: inBucket, sub: "publicAccessBlock", action: "PutBucketPublicAccessBlock", serve: (*request).putDocument, support: api.StoredOnly, note: "no bucket is public, whatever is set"},
	{name: "DeletePublicAccessBlock", method: http.MethodDelete, level: inBucket, sub: "publicAccessBlock", action: "PutBucketPublicAccessBlock", serve: (*request).deleteDocument},
	{name: "GetBucketOwnershipControls", method: http.MethodGet, level: inBucket, sub: "ownershipControls", serve: (*request).getDocument},
	{name: "PutBucketOwnershipControls", method: http.MethodPut, level: inBucket, sub: "ownershipControls", serve: (*request).putDocument, support: api.StoredOnly, note: "the bucket's owner owns every object"},
	{name: "DeleteBucketOwnershipControls", method: http.MethodDelete, level: inBucket, sub: "ownershipControls", action: "PutBucketOwnershipControls", serve: (*request).deleteDocument},
	{name: "GetBucketEncryption", method: http.MethodGet, level: inBucket, sub: "encryption", action: "GetEncryptionConfiguration", serve: (*request).getDocument},
	{name: "PutBucketEncryption", method: http.MethodPut, level: inBucket, sub: "encryption", action: "PutEncryptionConfiguration", serve: (*request).putEncryption, note: "the disk is not encrypted by it; who may not use the key is refused"},
	{name: "DeleteBucketEncryption", method: http.MethodDelete, level: inBucket, sub: "encryption", action: "PutEncryptionConfiguration", serve: (*request).deleteDocument},
	{name: "GetBucketLifecycleConfiguration", method: http.MethodGet, level: inBucket, sub: "lifecycle", action: "GetLifecycleConfiguration", serve: (*request).getLifecycle},
	{name: "PutBucketLifecycleConfiguration", method: http.MethodPut, level: inBucket, sub: "lifecycle", action: "PutLifecycleConfiguration", serve: (*request).putLifecycle, note: "objects, older versions and markers expire and uploads are aborted within an hour of their midnight; transitions are kept: nothing moves"},
	{name: "DeleteBucketLifecycle", method: http.MethodDelete, level: inBucket, sub: "lifecycle", action: "PutLifecycleConfiguration", serve: (*request).deleteDocument},
	{name: "GetBucketCors", method: http.MethodGet, level: inBucket, sub: "cors", action: "GetBucketCORS", serve: (*request).getDocument},
	{name: "PutBucketCors", method: http.MethodPut, level: inBucket, sub: "cors", action: "PutBucketCORS", serve: (*request).putDocument, support: api.StoredOnly, note: "answers carry no CORS headers"},
	{name: "DeleteBucketCors", method: http.MethodDelete, level: inBucket, sub: "cors", action: "PutBucketCORS", serve: (*request).deleteDocument},
	{name: "GetBucketAcl", method: http.MethodGet, level: inBucket, sub: "acl", serve: (*request).getACL},
	{name: "PutBucketAcl", method: http.MethodPut, level: inBucket, sub: "acl", serve: (*request).putACL, support: api.StoredOnly, note: "the owner alone is let in by it"},
	{name: "GetBucketLogging", method: http.MethodGet, level: inBucket, sub: "logging", serve: (*request).getDocument},
	{name: "PutBucketLogging", method: http.MethodPut, level: inBucket, sub: "logging", serve: (*request).putDocument, support: api.StoredOnly, note: "no access is logged"},
	{name: "GetBucketNotificationConfiguration", method: http.MethodGet, level: inBucket, sub: "notification", action: "GetBucketNotification", serve: (*request).getDocument},
	{name: "PutBucketNotificationConfiguration", method: http.MethodPut, level: inBucket, sub: "notification", action: "PutBucketNotification", serve: (*request).putDocument, support: api.StoredOnly, note: "no event is sent"},
	{name: "GetBucketAccelerateConfiguration", method: http.MethodGet, level: inBucket, sub: "accelerate", action: "GetAccelerateConfiguration", serve: (*request).getDocument},
	{name: "PutBucketAccelerateConfiguration", method: http.MethodPut, level: inBucket, sub: "accelerate", action: "PutAccelerateConfiguration", serve: (*request).putDocument, support: api.StoredOnly, note: "there is no other way in"},
	{name: "GetBucketRequestPayment", method: http.MethodGet, level: inBucket, sub: "requestPayment", serve: (*request).getDocument},
	{name: "PutBucketRequestPayment", method: http.MethodPut, level: inBucket, sub: "requestPayment", serve: (*request).putDocument, support: api.StoredOnly, note: "nobody pays"},
	{name: "GetBucketWebsite", method: http.MethodGet, level: inBucket, sub: "website", serve: (*request).getDocument},
	{name: "PutBucketWebsite", method: http.MethodPut, level: inBucket, sub: "website", serve: (*request).putDocument, support: api.StoredOnly, note: "no website is served"},
	{name: "DeleteBucketWebsite", method: http.MethodDelete, level: inBucket, sub: "website", serve: (*request).deleteDocument},
	{name: "GetBucketReplication", method: http.MethodGet, level: inBucket, sub: "replication", action: "GetReplicationConfiguration", serve: (*request).getDocument},
	{name: "PutBucketReplication", method: http.MethodPut, level: inBucket, sub: "replication", action: "PutReplicationConfiguration", serve: (*request).putDocument, support: api.StoredOnly, note: "nothing is replicated"},
	{name: "DeleteBucketReplication", method: http.MethodDelete, level: inBucket, sub: "replication", action: "PutReplicationConfiguration", serve: (*request).deleteDocument},
	{name: "GetObjectLockConfiguration", method: http.MethodGet, level: inBucket, sub: "object-lock", action: "GetBucketObjectLockConfiguration", serve: (*request).getDocument},
	{name: "PutObjectLockConfiguration", method: http.MethodPut, level: inBucket, sub: "object-lock", action: "PutBucketObjectLockConfiguration", serve: (*request).putLock},
	{name: "GetBucketAnalyticsConfiguration", method: http.MethodGet, level: inBucket, sub: "analytics", action: "GetAnalyticsConfiguration", serve: (*request).getIdentified},
	{name: "ListBucketAnalyticsConfigurations", method: http.MethodGet, level: inBucket, sub: "analytics", action: "GetAnalyticsConfiguration", serve: (*request).getIdentified}, // as Get, without an id
	{name: "PutBucketAnalyticsConfiguration", method: http.MethodPut, level: inBucket, sub: "analytics", action: "PutAnalyticsConfiguration", serve: (*request).putIdentified, support: api.StoredOnly, note: "nothing is analysed"},
	{name: "DeleteBucketAnalyticsConfiguration", method: http.MethodDelete, level: inBucket, sub: "analytics", action: "PutAnalyticsConfiguration", serve: (*request).deleteIdentified},
	{name: "GetBucketIntelligentTieringConfiguration", method: http.MethodGet, level: inBucket, sub: "intelligent-tiering", action: "GetIntelligentTieringConfiguration", serve: (*request).getIdentified},
	{name: "ListBucketIntelligentTieringConfigurations", method: http.MethodGet, level: inBucket, sub: "intelligent-tiering", action: "GetIntelligentTieringConfiguration", serve: (*request).getIdentified}, // as Get, without an id
	{name: "PutBucketIntelligentTieringConfiguration", method: http.MethodPut, level: inBucket, sub: "intelligent-tiering", action: "PutIntelligentTieringConfiguration", serve: (*request).putIdentified, support: api.StoredOnly, note: "nothing moves"},
	{name: "DeleteBucketIntelligentTieringConfiguration", method: http.MethodDelete, level: inBucket, sub: "intelligent-tiering", action: "PutIntelligentTieringConfiguration", serve: (*request).deleteIdentified},
	{name: "GetBucketInventoryConfiguration", method: http.MethodGet, level: inBucket, sub: "inventory", action: "GetInventoryConfiguration", serve: (*request).getIdentified},
	{name: "ListBucketInventoryConfigurations", method: http.MethodGet, level: inBucket, sub: "inventory", action: "GetInventoryConfiguration", serve: (*request).getIdentified}, // as Get, without an id
	{name: "PutBucketInventoryConfiguration", method: http.MethodPut, level: inBucket, sub: "inventory", action: "PutInventoryConfiguration", serve: (*request).putIdentified, support: api.StoredOnly, note: "no inventory is written"},
	{name: "DeleteBucketInventoryConfiguration", method: http.MethodDelete, level: inBucket, sub: "inventory", action: "PutInventoryConfiguration", serve: (*request).deleteIdentified},
	{name: "GetBucketMetricsConfiguration", method: http.MethodGet, level: inBucket, sub: "metrics", action: "GetMetricsConfiguration", serve: (*request).getIdentified},
	{name: "ListBucketMetricsConfigurations", method: http.MethodGet, level: inBucket, sub: "metrics", action: "GetMetricsConfiguration", serve: (*request).getIdentified}, // as Get, without an id
	{name: "PutBucketMetricsConfiguration", method: http.MethodPut, level: inBucket, sub: "metrics", action: "PutMetricsConfiguration", serve: (*request).putIdentified, support: api.StoredOnly, note: "nothing is measured"},
	{name: "DeleteBucketMetricsConfiguration", method: http.MethodDelete, level: inBucket, sub: "metrics", action: "PutMetricsConfiguration", serve: (*request).deleteIdentified},

	{name: "UploadPartCopy", method: http.MethodPut, level: inObject, sub: "partNumber", header: copySource, action: "PutObject", serve: (*request).uploadPartCopy},
	{name: "UploadPart", method: http.MethodPut, level: inObject, sub: "partNumber", action: "PutObject", serve: (*request).uploadPart},
	{name: "CreateMultipartUpload", method: http.MethodPost, level: inObject, sub: "uploads", action: "PutObject", serve: (*request).createUpload},
	{name: "CompleteMultipartUpload", method: http.MethodPost, level: inObject, sub: "uploadId", action: "PutObject", serve: (*request).completeUpload},
	{name: "AbortMultipartUpload", method: http.MethodDelete, level: inObject, sub: "uploadId", serve: (*request).abortUpload},
	{name: "ListParts", method: http.MethodGet, level: inObject, sub: "uploadId", action: "ListMultipartUploadParts", serve: (*request).listParts},

	{name: "GetObjectTagging", method: http.MethodGet, level: inObject, sub: "tagging", serve: (*request).getObjectTagging},
	{name: "PutObjectTagging", method: http.MethodPut, level: inObject, sub: "tagging", serve: (*request).putObjectTagging},
	{name: "DeleteObjectTagging", method: http.MethodDelete, level: inObject, sub: "tagging", serve: (*request).deleteObjectTagging},
	{name: "GetObjectAcl", method: http.MethodGet, level: inObject, sub: "acl", serve: (*request).getACL},
	{name: "PutObjectAcl", method: http.MethodPut, level: inObject, sub: "acl", serve: (*request).putACL, note: "only private: access lists are off, as in a new bucket of AWS"},
	{name: "GetObjectRetention", method: http.MethodGet, level: inObject, sub: "retention", serve: (*request).getRetention},
	{name: "PutObjectRetention", method: http.MethodPut, level: inObject, sub: "retention", serve: (*request).putRetention},
	{name: "GetObjectLegalHold", method: http.MethodGet, level: inObject, sub: "legal-hold", serve: (*request).getLegalHold},
	{name: "PutObjectLegalHold", method: http.MethodPut, level: inObject, sub: "legal-hold", serve: (*request).putLegalHold},
	{name: "GetObjectAttributes", method: http.MethodGet, level: inObject, sub: "attributes", serve: (*request).getAttributes, note: "without the list of parts"},
	{name: "CopyObject", method: http.MethodPut, level: inObject, header: copySource, action: "PutObject", serve: (*request).copyObject},
	{name: "PutObject", method: http.MethodPut, level: inObject, serve: (*request).putObject, note: "all storage classes lie on the same disk, GLACIER and DEEP_ARCHIVE are refused; the disk is not encrypted, keys of KMS are asked for; SSE-C is refused"},
	{name: "GetObject", method: http.MethodGet, level: inObject, serve: (*request).getObject},
	{name: "HeadObject", method: http.MethodHead, level: inObject, action: "GetObject", serve: (*request).getObject},
	{name: "DeleteObject", method: http.MethodDelete, level: inObject, serve: (*request).deleteObject},
}

const (
	// perObject marks an operation that is decided for each of its objects.
	perObject = "-"
	// copySource names what is to be copied.
	copySource = "X-Amz-Copy-Source"
)

// subresources are the words in a query string that make a request another
// operation than the plain one of its method and path.
var subresources = []string{
	"accelerate", "acl", "analytics", "attributes", "cors", "delete", "encryption", "intelligent-tiering", "inventory",
	"legal-hold", "lifecycle", "list-type", "location", "logging", "metrics", "notification", "object-lock",
	"ownershipControls", "partNumber", "policy", "policyStatus", "publicAccessBlock", "replication", "requestPayment",
	"restore", "retention", "select", "session", "tagging", "torrent", "uploadId", "uploads", "versioning", "versions", "website",
}

// find returns the operation that a request asks for, or nil.
func find(method string, at level, query url.Values, header http.Header) *operation {
	sub := subresource(method, query)
	for i := range operations {
		op := &operations[i]
		if op.method != method || op.level != at || op.header != "" && header.Get(op.header) == "" {
			continue
		}
		if op.sub != "" && query.Has(op.sub) || op.sub == "" && sub == "" || op.sub == "" && method != http.MethodPut && sub == "partNumber" {
			return op
		}
	}
	return nil
}

// subresource returns the sub-resource that a query names, or nothing.
func subresource(method string, query url.Values) string {
	for _, sub := range subresources {
		if query.Has(sub) {
			return sub
		}
	}
	reads := method == http.MethodGet || method == http.MethodHead
	for name := range query {
		if !isParameter(name) && !(reads && query.Get(name) != "") {
			return name // newer than we are: no plain operation takes it
		}
	}
	return ""
}

// isParameter tells what qualifies an operation from what makes it another one.
func isParameter(name string) bool {
	return slices.Contains(parameters, name) || strings.HasPrefix(strings.ToLower(name), "x-amz-") || strings.HasPrefix(name, "response-")
}

// parameters are the words in a query string that qualify an operation.
var parameters = []string{
	"bucket-region", "continuation-token", "delimiter", "encoding-type", "fetch-owner", "key-marker", "marker",
	"id", "max-buckets", "max-keys", "max-parts", "max-uploads", "part-number-marker", "prefix", "start-after",
	"upload-id-marker", "version-id-marker", "versionId", "x-id",
	"AWSAccessKeyId", "Expires", "Signature", // of signatures of version 2
}
