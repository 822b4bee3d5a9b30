package ecs

import (
	"os"
	"path"
	"path/filepath"
	"regexp"
	"strings"

	"apex/internal/api"
	"apex/internal/api/ecsapi"
)

// Volumes of EFS are directories of the home: $APEX_HOME/efs/<file system>, and
// in it below access-points/<access point> what an access point shows. There is
// no API of EFS: a file system is there once a task names it, and stays.

var (
	fileSystemRule  = regexp.MustCompile(`^fs-[0-9a-f]{8,40}$`)
	accessPointRule = regexp.MustCompile(`^fsap-[0-9a-f]{8,40}$`)
)

// checkVolume refuses what Fargate has not, and what this region has not.
func checkVolume(v ecsapi.Volume) error {
	if v.DockerVolumeConfiguration != nil || v.S3filesVolumeConfiguration != nil ||
		v.FsxWindowsFileServerVolumeConfiguration != nil || api.Val(v.ConfiguredAtLaunch) {
		return unbuilt("volumes other than those of EFS and empty ones that the task's containers share")
	}
	if v.Host != nil && api.Val(v.Host.SourcePath) != "" {
		return ecsapi.NewClientException("Host source path is not supported on Fargate (volume %s).", api.Val(v.Name))
	}
	efs := v.EfsVolumeConfiguration
	if efs == nil {
		return nil
	}
	if v.Host != nil {
		return ecsapi.NewClientException("Volume %s: only one of host and efsVolumeConfiguration can be given.", api.Val(v.Name))
	}
	if !fileSystemRule.MatchString(api.Val(efs.FileSystemId)) {
		return ecsapi.NewClientException("Volume %s: the file system's id %q is not valid.", api.Val(v.Name), api.Val(efs.FileSystemId))
	}
	if root := api.Val(efs.RootDirectory); root != "" && (!path.IsAbs(root) || strings.Contains(root, "..")) {
		return ecsapi.NewClientException("Volume %s: the root directory %q is not absolute.", api.Val(v.Name), root)
	}
	return checkAccess(api.Val(v.Name), efs)
}

func checkAccess(name string, efs *ecsapi.EFSVolumeConfiguration) error {
	a := efs.AuthorizationConfig
	if a == nil {
		return nil
	}
	encrypted := api.Val(efs.TransitEncryption) == ecsapi.EFSTransitEncryptionEnabled
	if point := api.Val(a.AccessPointId); point != "" {
		if !accessPointRule.MatchString(point) {
			return ecsapi.NewClientException("Volume %s: the access point's id %q is not valid.", name, point)
		}
		if root := api.Or(efs.RootDirectory, "/"); root != "/" {
			return ecsapi.NewClientException("Volume %s: with an access point, the root directory must be omitted or /.", name)
		}
		if !encrypted {
			return ecsapi.NewClientException("Volume %s: transit encryption must be enabled with an access point.", name)
		}
	}
	if api.Val(a.Iam) == ecsapi.EFSAuthorizationConfigIAMEnabled && !encrypted {
		return ecsapi.NewClientException("Volume %s: transit encryption must be enabled with IAM authorization.", name)
	}
	return nil
}

// volumeDirs are the directories of the definition's EFS volumes, by name.
func volumeDirs(home string, d ecsapi.TaskDefinition) map[string]string {
	dirs := map[string]string{}
	for _, v := range d.Volumes {
		efs := v.EfsVolumeConfiguration
		if efs == nil {
			continue
		}
		dir := filepath.Join(home, "efs", api.Val(efs.FileSystemId))
		if a := efs.AuthorizationConfig; a != nil && api.Val(a.AccessPointId) != "" {
			dir = filepath.Join(dir, "access-points", *a.AccessPointId)
		} else {
			dir = filepath.Join(dir, filepath.Clean("/"+api.Val(efs.RootDirectory)))
		}
		dirs[api.Val(v.Name)] = dir
	}
	return dirs
}

// makeVolumes makes the directories of EFS volumes. Those of access points are
// open to every user, since the region knows no user of an access point.
func makeVolumes(dirs map[string]string) error {
	for _, dir := range dirs {
		if err := os.MkdirAll(dir, 0o755); err != nil {
			return err
		}
		if filepath.Base(filepath.Dir(dir)) == "access-points" {
			if err := os.Chmod(dir, 0o777); err != nil {
				return err
			}
		}
	}
	return nil
}
