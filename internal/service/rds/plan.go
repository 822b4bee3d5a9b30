package rds

import (
	"fmt"
	"maps"

	"golang.org/x/sys/unix"

	"apex/internal/arn"
	"apex/internal/dataplane/mysql"
	"apex/internal/service/ec2"
	"apex/internal/store"
)

// smallestPool is the least buffer pool that the server takes gladly.
const smallestPool = 32 << 20

// config is the data plane's view of an instance.
func (s *Service) config(i Instance, eni ec2.NetworkInterface, engine mysql.Engine, set settings) (mysql.Config, error) {
	password, err := s.password(i)
	if err != nil {
		return mysql.Config{}, fmt.Errorf("master password: %w", err)
	}
	memory, _ := classMemory(i.Spec.Class)
	return mysql.Config{
		Dir: Dir(s.env.Home, i.Spec.ResourceID), Executable: s.env.Executable, Engine: engine, From: s.beginning(i.Spec),
		Namespace: eni.Status.Namespace, Address: eni.Spec.PrivateIP, Port: int(i.Spec.Port), ServerID: i.Spec.ServerID,
		BufferPool: bufferPool(memory, machineMemory()),
		Master:     mysql.User{Name: i.Spec.MasterUser, Password: password}, Database: i.Spec.Database,
		Parameters: set.static, Variables: set.live,
	}, nil
}

// bufferPool is three quarters of the class's memory, as RDS has it, but at most
// an eighth of the machine's, which serves much else.
func bufferPool(class, machine int64) int64 {
	return max(min(class/4*3, machine/8), smallestPool)
}

func machineMemory() int64 {
	var info unix.Sysinfo_t
	if unix.Sysinfo(&info) != nil {
		return 0 // the smallest pool, then
	}
	return int64(info.Totalram) * int64(info.Unit)
}

// settings are the parameters that the instance's group means for it.
func (s *Service) settings(r store.Reader, scope arn.Scope, spec InstanceSpec) settings {
	flavor := mysql.MySQL
	if e := s.engine.Load(); e != nil {
		flavor = e.Flavor
	}
	g, err := findParameterGroup(r, scope, spec.ParameterGroup)
	if err != nil {
		g = ParameterGroup{} // a group in use cannot be deleted
	}
	values := maps.Clone(g.Spec.Values)
	if spec.ClusterGroup != "" {
		if cluster, err := clusterGroups.find(r, scope, spec.ClusterGroup); err == nil {
			values = maps.Clone(cluster.Spec.Values)
			maps.Insert(values, maps.All(g.Spec.Values)) // the instance's own come first
		}
	}
	memory, _ := classMemory(spec.Class)
	return settingsOf(values, memory, flavor)
}
