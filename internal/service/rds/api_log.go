package rds

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"slices"
	"strconv"
	"strings"

	"apex/internal/api"
	"apex/internal/api/rdsapi"
	"apex/internal/arn"
	"apex/internal/dataplane/mysql"
)

// logNames are the names that RDS gives to a server's logs.
var logNames = map[string]string{
	"error": "error/mysql-error.log", "general": "general/mysql-general.log", "slow": "slowquery/mysql-slowquery.log",
}

// portion is how much of a log one call gives.
const portion = 1 << 20

// serverDir is the directory of the server that an instance is, or that its
// cluster is while the instance writes.
func (s *Service) serverDir(i Instance) string {
	scope, id := arn.SplitKey(i.Key)
	if c, ok := Clusters.Get(s.env.Store.Snapshot(), scope.Key(i.Spec.Cluster)); ok && c.Spec.Writer == id {
		return Dir(s.env.Home, c.Spec.ResourceID)
	}
	return Dir(s.env.Home, i.Spec.ResourceID)
}

// logs lists an instance's logs, by the names that RDS gives them.
func (s *Service) logs(i Instance) ([]mysql.LogFile, error) {
	files, err := mysql.LogFiles(s.serverDir(i))
	for n := range files {
		files[n].Name = logNames[files[n].Name]
	}
	return files, err
}

func (s *Service) describeLogFiles(_ context.Context, call *api.Call, in *rdsapi.DescribeDBLogFilesMessage) (*rdsapi.DescribeDBLogFilesResponse, error) {
	i, err := findInstance(s.env.Store.Snapshot(), scopeOf(call), *in.DBInstanceIdentifier)
	if err != nil {
		return nil, err
	}
	files, err := s.logs(i)
	if err != nil {
		return nil, err
	}
	files = slices.DeleteFunc(files, func(f mysql.LogFile) bool {
		return !strings.Contains(f.Name, api.Val(in.FilenameContains)) || f.Size < api.Val(in.FileSize) || f.Written.UnixMilli() < api.Val(in.FileLastWritten)
	})
	some, marker, err := page(files, func(f mysql.LogFile) string { return f.Name }, in.MaxRecords, in.Marker)
	out := &rdsapi.DescribeDBLogFilesResponse{Marker: marker, DescribeDBLogFiles: []rdsapi.DescribeDBLogFilesDetails{}}
	for _, f := range some {
		out.DescribeDBLogFiles = append(out.DescribeDBLogFiles, rdsapi.DescribeDBLogFilesDetails{
			LogFileName: api.Ptr(f.Name), Size: api.Ptr(f.Size), LastWritten: api.Ptr(f.Written.UnixMilli()),
		})
	}
	return out, err
}

// downloadLog gives a part of a log: from the marker on, or its last lines.
func (s *Service) downloadLog(_ context.Context, call *api.Call, in *rdsapi.DownloadDBLogFilePortionMessage) (*rdsapi.DownloadDBLogFilePortionDetails, error) {
	i, err := findInstance(s.env.Store.Snapshot(), scopeOf(call), *in.DBInstanceIdentifier)
	if err != nil {
		return nil, err
	}
	files, err := s.logs(i)
	if err != nil {
		return nil, err
	}
	n := slices.IndexFunc(files, func(f mysql.LogFile) bool { return f.Name == *in.LogFileName })
	if n < 0 {
		return nil, rdsapi.NewDBLogFileNotFoundFault("DBLog File: %s, is not found on the DB instance", *in.LogFileName)
	}
	offset := max(0, files[n].Size-portion)
	if in.Marker != nil {
		if offset, err = strconv.ParseInt(*in.Marker, 10, 64); err != nil || offset < 0 {
			return nil, invalid("The marker is none that this operation gave: %s", *in.Marker)
		}
	}
	text, err := s.readLog(i, *in.LogFileName, offset)
	if err != nil {
		return nil, err
	}
	if in.Marker == nil {
		text, offset = lastOf(text, api.Val(in.NumberOfLines), offset)
	} else if lines := api.Val(in.NumberOfLines); lines > 0 {
		text = firstOf(text, lines)
	}
	next := offset + int64(len(text))
	return &rdsapi.DownloadDBLogFilePortionDetails{
		LogFileData: api.Ptr(strings.ToValidUTF8(string(text), "?")), Marker: api.Ptr(strconv.FormatInt(next, 10)),
		AdditionalDataPending: api.Ptr(next < files[n].Size),
	}, nil
}

func (s *Service) readLog(i Instance, given string, offset int64) ([]byte, error) {
	for name, known := range logNames {
		if known == given {
			text, err := mysql.ReadLog(s.serverDir(i), name, offset, portion)
			if errors.Is(err, fs.ErrNotExist) {
				return nil, nil // it was rotated just now
			}
			return text, err
		}
	}
	return nil, nil
}

// firstOf returns the first lines of a text.
func firstOf(text []byte, lines int64) []byte {
	end := 0
	for range lines {
		n := bytes.IndexByte(text[end:], '\n')
		if n < 0 {
			return text
		}
		end += n + 1
	}
	return text[:end]
}

// lastOf returns the last lines of a text that begins at an offset, and where
// they begin; for 0 lines all.
func lastOf(text []byte, lines, offset int64) ([]byte, int64) {
	if lines <= 0 {
		return text, offset
	}
	begin := len(bytes.TrimSuffix(text, []byte("\n")))
	for range lines {
		n := bytes.LastIndexByte(text[:begin], '\n')
		if n < 0 {
			return text, offset
		}
		begin = n
	}
	return text[begin+1:], offset + int64(begin) + 1
}
