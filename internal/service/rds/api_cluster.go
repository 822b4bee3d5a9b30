package rds

import (
	"context"
	"crypto/rand"
	"slices"
	"strings"

	"apex/internal/api"
	"apex/internal/api/rdsapi"
	"apex/internal/arn"
	"apex/internal/store"
)

func findCluster(r store.Reader, scope arn.Scope, given string) (Cluster, error) {
	id := given
	if kind, key, ok := resource(given); ok && kind == kindCluster {
		id = idOf(key)
	}
	if c, ok := Clusters.Get(r, scope.Key(strings.ToLower(id))); ok {
		return c, nil
	}
	return Cluster{}, rdsapi.NewDBClusterNotFoundFault("DBCluster %s not found.", given)
}

func (s *Service) createCluster(ctx context.Context, call *api.Call, in *rdsapi.CreateDBClusterMessage) (*rdsapi.CreateDBClusterResult, error) {
	if err := refuseCluster(in); err != nil {
		return nil, err
	}
	c, err := newCluster(call, in)
	if err != nil {
		return nil, err
	}
	err = s.env.Store.Update(ctx, func(tx *store.Tx) error {
		if err := placeCluster(tx, &c); err != nil {
			return err
		}
		if err := s.clusterPassword(tx, &c, in.ManageMasterUserPassword, in.MasterUserPassword); err != nil {
			return err
		}
		if err := s.findClusterKeys(tx, scopeOf(call), &c); err != nil {
			return err
		}
		Clusters.Put(tx, c)
		return nil
	})
	if err != nil {
		return nil, err
	}
	return &rdsapi.CreateDBClusterResult{DBCluster: describeCluster(s.env.Store.Snapshot(), c)}, nil
}

// refuseCluster refuses what would be a different thing, were it ignored.
func refuseCluster(in *rdsapi.CreateDBClusterMessage) error {
	switch {
	case in.GlobalClusterIdentifier != nil:
		return invalid("GlobalClusterIdentifier: global clusters are not built")
	case in.ReplicationSourceIdentifier != nil:
		return invalid("ReplicationSourceIdentifier: replicas are not built")
	case in.Domain != nil:
		return invalid("Domain: directory services are not built")
	case api.Or(in.EngineMode, "provisioned") != "provisioned":
		return invalid("EngineMode %s is not built; provisioned with a ServerlessV2ScalingConfiguration is", *in.EngineMode)
	case in.DBClusterInstanceClass != nil || in.AllocatedStorage != nil:
		return invalid("Multi-AZ DB clusters (DBClusterInstanceClass, AllocatedStorage) are not built; Aurora's are")
	case api.Val(in.EnableLimitlessDatabase):
		return invalid("EnableLimitlessDatabase: Aurora Limitless is not built")
	}
	return nil
}

func newCluster(call *api.Call, in *rdsapi.CreateDBClusterMessage) (Cluster, error) {
	id, err := checkID(*in.DBClusterIdentifier)
	if err != nil {
		return Cluster{}, err
	}
	o, version, err := findOffer(*in.Engine, api.Val(in.EngineVersion))
	if err != nil {
		return Cluster{}, err
	}
	if !ofCluster(o.engine) {
		return Cluster{}, invalid("Engine %s: clusters of it are not built; aurora-mysql's and aurora-postgresql's are", o.engine)
	}
	tags, err := tagsOf(in.Tags)
	if err != nil {
		return Cluster{}, err
	}
	c := Cluster{Key: scopeOf(call).Key(id), Spec: ClusterSpec{
		ResourceID: "cluster-" + rand.Text(), Engine: o.engine, Version: version, Mode: "provisioned", MasterUser: api.Val(in.MasterUsername),
		Database: api.Val(in.DatabaseName), Port: api.Or(in.Port, o.port()), ServerID: serverID(), SubnetGroup: strings.ToLower(api.Val(in.DBSubnetGroupName)),
		GroupIDs: in.VpcSecurityGroupIds, Zones: in.AvailabilityZones, ParameterGroup: strings.ToLower(api.Or(in.DBClusterParameterGroupName, o.parameterGroup())),
		ClusterSettings: newClusterSettings(in), CreatedAt: call.Now.UTC(), Tags: tags,
	}}
	return c, checkCluster(c.Spec)
}

func newClusterSettings(in *rdsapi.CreateDBClusterMessage) ClusterSettings {
	s := ClusterSettings{
		BackupRetention: api.Or(in.BackupRetentionPeriod, 1), BackupWindow: api.Or(in.PreferredBackupWindow, "03:00-03:30"),
		MaintenanceWindow: strings.ToLower(api.Or(in.PreferredMaintenanceWindow, "sun:05:00-sun:05:30")),
		Encrypted:         api.Val(in.StorageEncrypted), KMSKeyID: api.Val(in.KmsKeyId), SecretKey: api.Val(in.MasterUserSecretKmsKeyId),
		IAMAuth: api.Val(in.EnableIAMDatabaseAuthentication), Backtrack: api.Val(in.BacktrackWindow),
		LogExports: merged(nil, in.EnableCloudwatchLogsExports, nil), DeletionProtection: api.Val(in.DeletionProtection),
		HTTPEndpoint: api.Val(in.EnableHttpEndpoint), CopyTags: api.Val(in.CopyTagsToSnapshot), StorageType: api.Or(in.StorageType, "aurora"),
		IOPS: api.Val(in.Iops), NetworkType: api.Or(in.NetworkType, "IPV4"), Lifecycle: api.Or(in.EngineLifecycleSupport, "open-source-rds-extended-support"),
		InsightsMode: api.Or(in.DatabaseInsightsMode, rdsapi.DatabaseInsightsModeStandard), Insights: api.Val(in.EnablePerformanceInsights),
		InsightsKey: api.Val(in.PerformanceInsightsKMSKeyId), InsightsRetention: api.Val(in.PerformanceInsightsRetentionPeriod),
		MonitoringInterval: api.Val(in.MonitoringInterval), MonitoringRole: api.Val(in.MonitoringRoleArn),
		CACertificate: api.Or(in.CACertificateIdentifier, defaultCertificate), LocalForwarding: api.Val(in.EnableLocalWriteForwarding),
	}
	s.scale(in.ServerlessV2ScalingConfiguration)
	return s
}

func (s *ClusterSettings) scale(to *rdsapi.ServerlessV2ScalingConfiguration) {
	if to != nil {
		s.MinCapacity, s.MaxCapacity, s.AutoPause = to.MinCapacity, to.MaxCapacity, to.SecondsUntilAutoPause
	}
}

func checkCluster(s ClusterSpec) error {
	switch {
	case !userPattern.MatchString(s.MasterUser) || s.MasterUser == "rdsadmin":
		return invalid("MasterUsername %s cannot be used: 1 to 32 letters, digits and underscores, a letter first", s.MasterUser)
	case s.Database != "" && !databasePattern.MatchString(s.Database):
		return invalid("DatabaseName must begin with a letter and contain only alphanumeric characters: %s", s.Database)
	case s.Port < 1150 || s.Port > 65535:
		return invalid("Invalid port %d: want 1150 to 65535", s.Port)
	case s.BackupRetention < 1:
		return invalid("Invalid backup retention period: %d. Must be between 1 and 35.", s.BackupRetention)
	case s.StorageType != "aurora" && s.StorageType != "aurora-iopt1":
		return invalid("Invalid storage type: %s", s.StorageType)
	case s.MinCapacity != nil && s.MaxCapacity != nil && *s.MinCapacity > *s.MaxCapacity:
		return combination("Serverless v2 maximum capacity %g is less than the minimum %g", *s.MaxCapacity, *s.MinCapacity)
	}
	return checkSettings(Settings{BackupRetention: s.BackupRetention, MaintenanceWindow: s.MaintenanceWindow, BackupWindow: s.BackupWindow})
}

// placeCluster finds what a new cluster names.
func placeCluster(tx *store.Tx, c *Cluster) error {
	scope, _ := arn.SplitKey(c.Key)
	if _, ok := Clusters.Get(tx, c.Key); ok {
		return rdsapi.NewDBClusterAlreadyExistsFault("DB Cluster already exists")
	}
	if c.Spec.SubnetGroup == "" {
		return rdsapi.NewInvalidVPCNetworkStateFault("DBSubnetGroupName is missing, and this region has no default VPC")
	}
	g, err := findSubnetGroup(tx, scope, c.Spec.SubnetGroup)
	if err != nil {
		return err
	}
	c.Spec.VPCID = g.Spec.VPCID
	if len(c.Spec.Zones) == 0 {
		c.Spec.Zones = zonesOf(tx, scope, g)
	}
	if err := checkSecurityGroups(tx, scope, c.Spec.VPCID, c.Spec.GroupIDs); err != nil {
		return err
	}
	return checkClusterGroup(tx, scope, c.Spec)
}

// checkClusterGroup checks that the parameter group fits the engine.
func checkClusterGroup(r store.Reader, scope arn.Scope, spec ClusterSpec) error {
	o, _, err := findOffer(spec.Engine, spec.Version)
	if err != nil {
		return err
	}
	g, err := clusterGroups.find(r, scope, spec.ParameterGroup)
	if err != nil {
		return rdsapi.NewDBClusterParameterGroupNotFoundFault("DBClusterParameterGroup not found: %s", spec.ParameterGroup)
	}
	if g.Spec.Family != o.family() {
		return combination("The parameter group %s with DBParameterGroupFamily %s can't be used for this cluster. Use a parameter group with DBParameterGroupFamily %s.", g.Name(), g.Spec.Family, o.family())
	}
	return nil
}

// clusterPassword takes the caller's password, or makes one and keeps it for them.
func (s *Service) clusterPassword(tx *store.Tx, c *Cluster, manage *bool, password *string) error {
	scope, _ := arn.SplitKey(c.Key)
	i := Instance{Key: c.Key, Spec: InstanceSpec{MasterUser: c.Spec.MasterUser, Secret: c.Spec.Secret}}
	if i.Spec.Secret.Name == "" && api.Val(manage) {
		i.Spec.Secret.Name = clusterSecretName()
	}
	err := s.givePassword(tx, scope, &i, &rdsapi.CreateDBInstanceMessage{ManageMasterUserPassword: manage, MasterUserPassword: password})
	c.Spec.Password, c.Spec.Secret = i.Spec.Password, i.Spec.Secret
	return err
}

// changeCluster rewrites one cluster's spec in a transaction, and describes it.
func (s *Service) changeCluster(ctx context.Context, call *api.Call, given string, fn func(*store.Tx, *Cluster) error) (*rdsapi.DBCluster, error) {
	var c Cluster
	err := s.env.Store.Update(ctx, func(tx *store.Tx) (err error) {
		if c, err = findCluster(tx, scopeOf(call), given); err != nil {
			return err
		}
		if c.Spec.Deleted {
			return rdsapi.NewInvalidDBClusterStateFault("Cluster %s is being deleted.", c.ID())
		}
		if err := fn(tx, &c); err != nil {
			return err
		}
		Clusters.Put(tx, c)
		return nil
	})
	if err != nil {
		return nil, err
	}
	return describeCluster(s.env.Store.Snapshot(), c), nil
}

func (s *Service) deleteCluster(ctx context.Context, call *api.Call, in *rdsapi.DeleteDBClusterMessage) (*rdsapi.DeleteDBClusterResult, error) {
	c, err := s.changeCluster(ctx, call, *in.DBClusterIdentifier, func(tx *store.Tx, c *Cluster) error {
		alive := func(i Instance) bool { return !i.Spec.Deleted }
		switch skip := api.Val(in.SkipFinalSnapshot); {
		case c.Spec.DeletionProtection:
			return combination("Cannot delete protected Cluster, please disable deletion protection and try again.")
		case slices.ContainsFunc(c.members(tx), alive):
			return rdsapi.NewInvalidDBClusterStateFault("Cluster cannot be deleted, it still contains DB instances in non-deleting state.")
		case skip && in.FinalDBSnapshotIdentifier != nil:
			return combination("FinalDBSnapshotIdentifier cannot be specified when SkipFinalSnapshot is true.")
		case !skip && in.FinalDBSnapshotIdentifier == nil:
			return combination("FinalDBSnapshotIdentifier is required unless SkipFinalSnapshot is specified.")
		case !skip:
			row, err := s.putClusterSnapshot(tx, *c, *in.FinalDBSnapshotIdentifier, nil, call.Now)
			if err != nil {
				return err
			}
			c.Spec.FinalSnapshot = row.ID()
		}
		c.Spec.Deleted = true
		return nil
	})
	return &rdsapi.DeleteDBClusterResult{DBCluster: c}, err
}

func (s *Service) stopCluster(ctx context.Context, call *api.Call, in *rdsapi.StopDBClusterMessage) (*rdsapi.StopDBClusterResult, error) {
	c, err := s.changeCluster(ctx, call, *in.DBClusterIdentifier, func(_ *store.Tx, c *Cluster) error {
		if is := clusterState(*c); is != stateAvailable {
			return rdsapi.NewInvalidDBClusterStateFault("DbCluster %s is in %s state but expected it to be one of available.", c.ID(), is)
		}
		c.Spec.Stopped = true
		return nil
	})
	return &rdsapi.StopDBClusterResult{DBCluster: c}, err
}

func (s *Service) startCluster(ctx context.Context, call *api.Call, in *rdsapi.StartDBClusterMessage) (*rdsapi.StartDBClusterResult, error) {
	c, err := s.changeCluster(ctx, call, *in.DBClusterIdentifier, func(_ *store.Tx, c *Cluster) error {
		if is := clusterState(*c); is != stateStopped {
			return rdsapi.NewInvalidDBClusterStateFault("DbCluster %s is in %s state but expected it to be one of stopped.", c.ID(), is)
		}
		c.Spec.Stopped = false
		return nil
	})
	return &rdsapi.StartDBClusterResult{DBCluster: c}, err
}

// failoverCluster makes another member the one that serves.
func (s *Service) failoverCluster(ctx context.Context, call *api.Call, in *rdsapi.FailoverDBClusterMessage) (*rdsapi.FailoverDBClusterResult, error) {
	c, err := s.changeCluster(ctx, call, *in.DBClusterIdentifier, func(tx *store.Tx, c *Cluster) error {
		next := c.next(tx, strings.ToLower(api.Val(in.TargetDBInstanceIdentifier)))
		if next == "" {
			return rdsapi.NewInvalidDBClusterStateFault("Cluster %s has no other instance to fail over to.", c.ID())
		}
		c.Spec.Writer = next
		putClusterNames(tx, *c)
		return nil
	})
	return &rdsapi.FailoverDBClusterResult{DBCluster: c}, err
}

// next is the member that may write after the one that does: the target, else the
// first by promotion tier and name.
func (c Cluster) next(r store.Reader, target string) string {
	var best *Instance
	for _, i := range c.members(r) {
		switch {
		case i.ID() == c.Spec.Writer || i.Spec.Deleted || target != "" && i.ID() != target:
		case best == nil || i.Spec.PromotionTier < best.Spec.PromotionTier:
			best = &i
		}
	}
	if best == nil {
		return ""
	}
	return best.ID()
}

func (s *Service) addClusterRole(ctx context.Context, call *api.Call, in *rdsapi.AddRoleToDBClusterMessage) (*rdsapi.AddRoleToDBClusterOutput, error) {
	role := Role{ARN: *in.RoleArn, Feature: api.Val(in.FeatureName)}
	_, err := s.changeCluster(ctx, call, *in.DBClusterIdentifier, func(_ *store.Tx, c *Cluster) error {
		if slices.Contains(c.Spec.Roles, role) {
			return rdsapi.NewDBClusterRoleAlreadyExistsFault("Role ARN %s is already associated with DB Cluster: %s.", role.ARN, c.ID())
		}
		c.Spec.Roles = append(slices.Clone(c.Spec.Roles), role)
		return nil
	})
	return nil, err
}

func (s *Service) removeClusterRole(ctx context.Context, call *api.Call, in *rdsapi.RemoveRoleFromDBClusterMessage) (*rdsapi.RemoveRoleFromDBClusterOutput, error) {
	role := Role{ARN: *in.RoleArn, Feature: api.Val(in.FeatureName)}
	_, err := s.changeCluster(ctx, call, *in.DBClusterIdentifier, func(_ *store.Tx, c *Cluster) error {
		n := slices.Index(c.Spec.Roles, role)
		if n < 0 {
			return rdsapi.NewDBClusterRoleNotFoundFault("Role ARN %s cannot be found for DB Cluster: %s.", role.ARN, c.ID())
		}
		c.Spec.Roles = slices.Delete(slices.Clone(c.Spec.Roles), n, n+1)
		return nil
	})
	return nil, err
}
