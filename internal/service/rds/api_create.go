package rds

import (
	"context"
	"crypto/rand"
	"encoding/binary"
	"net/netip"
	"slices"
	"strings"

	"apex/internal/api"
	"apex/internal/api/rdsapi"
	"apex/internal/arn"
	"apex/internal/service/ec2"
	"apex/internal/service/maintenance"
	"apex/internal/store"
)

func (s *Service) createInstance(ctx context.Context, call *api.Call, in *rdsapi.CreateDBInstanceMessage) (*rdsapi.CreateDBInstanceResult, error) {
	if err := refuseUnbuilt(in); err != nil {
		return nil, err
	}
	if in.DBClusterIdentifier != nil {
		return s.createMember(ctx, call, in)
	}
	i, err := newInstance(call, in)
	if err != nil {
		return nil, err
	}
	scope := scopeOf(call)
	err = s.env.Store.Update(ctx, func(tx *store.Tx) error {
		if _, ok := Instances.Get(tx, i.Key); ok {
			return rdsapi.NewDBInstanceAlreadyExistsFault("DB instance already exists")
		}
		if err := checkGroups(tx, scope, &i.Spec); err != nil {
			return err
		}
		if err := s.givePassword(tx, scope, &i, in); err != nil {
			return err
		}
		if err := s.findKeys(tx, scope, &i.Spec.Settings, i.Spec.Secret.Name != ""); err != nil {
			return err
		}
		if err := connect(tx, scope, &i, api.Val(in.AvailabilityZone)); err != nil {
			return err
		}
		Instances.Put(tx, i)
		return nil
	})
	if err != nil {
		return nil, err
	}
	return &rdsapi.CreateDBInstanceResult{DBInstance: s.describe(s.env.Store.Snapshot(), scope, i, call.Now)}, nil
}

// refuseUnbuilt refuses what would be a different thing, were it ignored.
func refuseUnbuilt(in *rdsapi.CreateDBInstanceMessage) error {
	switch {
	case in.Domain != nil || in.DomainFqdn != nil:
		return invalid("Domain: directory services are not built")
	case len(in.DBSecurityGroups) > 0:
		return invalid("DBSecurityGroups: use VpcSecurityGroupIds; EC2-Classic is retired")
	case api.Val(in.MasterUserAuthenticationType) == rdsapi.MasterUserAuthenticationTypeIamDbAuth:
		return invalid("MasterUserAuthenticationType: iam-db-auth is not built")
	}
	return nil
}

// newInstance checks the request by itself, and fills in what RDS fills in.
func newInstance(call *api.Call, in *rdsapi.CreateDBInstanceMessage) (Instance, error) {
	id, err := checkID(*in.DBInstanceIdentifier)
	if err != nil {
		return Instance{}, err
	}
	o, version, err := findOffer(*in.Engine, api.Val(in.EngineVersion))
	if err != nil {
		return Instance{}, err
	}
	if ofCluster(o.engine) || strings.HasPrefix(api.Val(in.StorageType), "aurora") {
		return Instance{}, invalid("Engine %s: its instances are those of a cluster; DBClusterIdentifier is missing", o.engine)
	}
	tags, err := tagsOf(in.Tags)
	if err != nil {
		return Instance{}, err
	}
	i := Instance{Key: scopeOf(call).Key(id), Spec: InstanceSpec{
		ResourceID: "db-" + rand.Text(), Engine: o.engine, MasterUser: api.Val(in.MasterUsername), Database: api.Val(in.DBName),
		Port: api.Or(in.Port, 3306), SubnetGroup: strings.ToLower(api.Val(in.DBSubnetGroupName)), GroupIDs: in.VpcSecurityGroupIds,
		ParameterGroup: strings.ToLower(api.Or(in.DBParameterGroupName, o.parameterGroup())),
		OptionGroup:    strings.ToLower(api.Or(in.OptionGroupName, o.optionGroup())),
		Sizing:         newSizing(in, version), Settings: newSettings(in, o), CreatedAt: call.Now.UTC(), Tags: tags, ServerID: serverID(),
	}}
	return i, checkInstance(i.Spec)
}

func newSizing(in *rdsapi.CreateDBInstanceMessage, version string) Sizing {
	return Sizing{
		Class: *in.DBInstanceClass, EngineVersion: version, MultiAZ: api.Val(in.MultiAZ), Storage: api.Or(in.AllocatedStorage, 20),
		StorageType: api.Val(in.StorageType), IOPS: api.Val(in.Iops), Throughput: api.Val(in.StorageThroughput),
	}.filled()
}

var storageTypes = []string{"gp2", "gp3", "io1", "io2", "standard"}

const largestStorage = 65536 // GiB

// filled fills in what RDS does for a storage type: gp3 has 3000 operations and
// 125 MiB a second at least, gp2 and standard have none that can be chosen.
func (z Sizing) filled() Sizing {
	switch {
	case z.StorageType == "" && z.IOPS > 0:
		z.StorageType = "io1"
	case z.StorageType == "":
		z.StorageType = "gp2"
	case z.StorageType == "gp3":
		z.IOPS, z.Throughput = max(z.IOPS, 3000), max(z.Throughput, 125)
	case z.StorageType == "gp2" || z.StorageType == "standard":
		z.IOPS, z.Throughput = 0, 0
	}
	return z
}

func newSettings(in *rdsapi.CreateDBInstanceMessage, o offer) Settings {
	return Settings{
		MaxStorage: api.Val(in.MaxAllocatedStorage), BackupRetention: api.Or(in.BackupRetentionPeriod, 1),
		BackupWindow:      api.Or(in.PreferredBackupWindow, "03:00-03:30"),
		MaintenanceWindow: strings.ToLower(api.Or(in.PreferredMaintenanceWindow, "sun:05:00-sun:05:30")),
		AutoMinorUpgrade:  api.Or(in.AutoMinorVersionUpgrade, true), Public: api.Val(in.PubliclyAccessible),
		Encrypted: api.Val(in.StorageEncrypted), KMSKeyID: api.Val(in.KmsKeyId), CopyTags: api.Val(in.CopyTagsToSnapshot),
		DeletionProtection: api.Val(in.DeletionProtection), IAMAuth: api.Val(in.EnableIAMDatabaseAuthentication),
		PerformanceInsights: api.Val(in.EnablePerformanceInsights), InsightsRetention: api.Val(in.PerformanceInsightsRetentionPeriod),
		InsightsKey: api.Val(in.PerformanceInsightsKMSKeyId), InsightsMode: api.Or(in.DatabaseInsightsMode, rdsapi.DatabaseInsightsModeStandard),
		MonitoringInterval: api.Val(in.MonitoringInterval), MonitoringRole: api.Val(in.MonitoringRoleArn),
		LogExports: merged(nil, in.EnableCloudwatchLogsExports, nil), CACertificate: api.Or(in.CACertificateIdentifier, defaultCertificate),
		LicenseModel: api.Or(in.LicenseModel, o.license), NetworkType: api.Or(in.NetworkType, "IPV4"),
		Lifecycle:          api.Or(in.EngineLifecycleSupport, "open-source-rds-extended-support"),
		DedicatedLogVolume: api.Val(in.DedicatedLogVolume), SecretKey: api.Val(in.MasterUserSecretKmsKeyId),
		CharacterSet: api.Val(in.CharacterSetName), Timezone: api.Val(in.Timezone), BackupTarget: api.Or(in.BackupTarget, "region"),
	}
}

// serverID tells servers of one replication topology apart; 0 is none.
func serverID() uint32 {
	var b [4]byte
	rand.Read(b[:])
	return binary.BigEndian.Uint32(b[:]) | 1
}

// checkInstance checks the values that need no look at other resources.
func checkInstance(s InstanceSpec) error {
	switch {
	case !userPattern.MatchString(s.MasterUser) || s.MasterUser == "rdsadmin":
		return invalid("MasterUsername %s cannot be used: 1 to 32 letters, digits and underscores, a letter first", s.MasterUser)
	case s.Database != "" && !databasePattern.MatchString(s.Database):
		return invalid("DBName must begin with a letter and contain only alphanumeric characters: %s", s.Database)
	case s.Port < 1150 || s.Port > 65535:
		return invalid("Invalid port %d: want 1150 to 65535", s.Port)
	}
	if err := checkSizing(s.Sizing, s.MaxStorage); err != nil {
		return err
	}
	return checkSettings(s.Settings)
}

func checkSizing(z Sizing, maxStorage int64) error {
	_, known := classMemory(z.Class)
	switch {
	case !known:
		return invalid("Invalid DB Instance class: %s", z.Class)
	case strings.HasPrefix(z.StorageType, "aurora"):
		return nil // a cluster's member
	case !slices.Contains(storageTypes, z.StorageType):
		return invalid("Invalid storage type: %s", z.StorageType)
	case z.Storage < 5 || z.Storage > largestStorage:
		return invalid("Invalid storage size for engine name mysql and storage type %s: %d", z.StorageType, z.Storage)
	case maxStorage != 0 && maxStorage < z.Storage:
		return combination("Max storage size must be greater than storage size: %d is less than %d", maxStorage, z.Storage)
	}
	return nil
}

func checkSettings(s Settings) error {
	if s.BackupRetention < 0 || s.BackupRetention > 35 {
		return invalid("Invalid backup retention period: %d. Must be between 0 and 35.", s.BackupRetention)
	}
	if _, err := maintenance.Parse(s.MaintenanceWindow); err != nil {
		return invalid("PreferredMaintenanceWindow: %v", err)
	}
	if err := maintenance.CheckDaily(s.BackupWindow); err != nil {
		return invalid("PreferredBackupWindow: %v", err)
	}
	if s.MonitoringInterval != 0 && s.MonitoringRole == "" {
		return combination("A MonitoringRoleARN value is required if you specify a MonitoringInterval value other than 0.")
	}
	return nil
}

// checkGroups finds the groups that the instance names, and its VPC.
func checkGroups(r store.Reader, scope arn.Scope, spec *InstanceSpec) error {
	if spec.SubnetGroup == "" {
		return rdsapi.NewInvalidVPCNetworkStateFault("DBSubnetGroupName is missing, and this region has no default VPC")
	}
	g, err := findSubnetGroup(r, scope, spec.SubnetGroup)
	if err != nil {
		return err
	}
	spec.VPCID = g.Spec.VPCID
	return checkMemberships(r, scope, *spec)
}

// checkMemberships checks that the parameter and option groups fit the engine.
func checkMemberships(r store.Reader, scope arn.Scope, spec InstanceSpec) error {
	o, _, err := findOffer(spec.Engine, spec.EngineVersion)
	if err != nil {
		return err
	}
	pg, err := findParameterGroup(r, scope, spec.ParameterGroup)
	if err != nil {
		return err
	}
	if pg.Spec.Family != o.family() {
		return combination("The parameter group %s with DBParameterGroupFamily %s can't be used for this instance. Use a parameter group with DBParameterGroupFamily %s.",
			pg.Name(), pg.Spec.Family, o.family())
	}
	_, err = findOptionGroup(r, scope, spec.OptionGroup)
	return err
}

// givePassword takes the caller's password, or makes one and keeps it for them.
func (s *Service) givePassword(tx *store.Tx, scope arn.Scope, i *Instance, in *rdsapi.CreateDBInstanceMessage) error {
	switch managed := api.Val(in.ManageMasterUserPassword); {
	case managed && in.MasterUserPassword != nil:
		return combination("You can't specify MasterUserPassword when ManageMasterUserPassword is true")
	case managed:
		return s.manageSecret(tx, scope, i.Key, &i.Spec)
	case in.MasterUserPassword == nil:
		return invalid("The parameter MasterUserPassword must be provided and must not be blank.")
	}
	if err := checkPassword(*in.MasterUserPassword); err != nil {
		return err
	}
	s.setPassword(i.Key, &i.Spec, *in.MasterUserPassword)
	return nil
}

// connect asks for an interface in a subnet of the group, and gives it the
// instance's name.
func connect(tx *store.Tx, scope arn.Scope, i *Instance, zone string) error {
	subnet, err := pickSubnet(tx, scope, i.Spec.SubnetGroup, zone)
	if err != nil {
		return err
	}
	eni, err := ec2.RequestInterface(tx, scope, ec2.InterfaceSpec{
		SubnetID: subnet.ID(), GroupIDs: i.Spec.GroupIDs, Description: "RDSNetworkInterface", Requester: "rds", CreatedAt: i.Spec.CreatedAt,
	})
	if err != nil {
		return err
	}
	i.Spec.InterfaceID, i.Spec.Address, i.Spec.Zone, i.Spec.GroupIDs = eni.ID(), eni.Spec.PrivateIP, eni.Spec.Zone, eni.Spec.GroupIDs
	ec2.PutName(tx, scope, i.Spec.VPCID, endpointName(scope, i.ID()), []netip.Addr{i.Spec.Address})
	return ensureStandby(tx, scope, i)
}

// pickSubnet returns the group's subnet in the zone, or its first.
func pickSubnet(r store.Reader, scope arn.Scope, group, zone string) (ec2.Subnet, error) {
	g, err := findSubnetGroup(r, scope, group)
	if err != nil {
		return ec2.Subnet{}, err
	}
	var found []ec2.Subnet
	for _, id := range g.Spec.SubnetIDs {
		if subnet, ok := ec2.Subnets.Get(r, scope.Key(id)); ok && (zone == "" || subnet.Spec.Zone == zone) {
			found = append(found, subnet)
		}
	}
	if len(found) == 0 {
		return ec2.Subnet{}, rdsapi.NewInvalidVPCNetworkStateFault("DB subnet group %s has no subnet in Availability Zone %q", group, zone)
	}
	slices.SortFunc(found, func(a, b ec2.Subnet) int { return strings.Compare(a.Spec.Zone, b.Spec.Zone) })
	return found[0], nil
}
