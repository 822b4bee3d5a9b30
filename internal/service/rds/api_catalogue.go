package rds

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"apex/internal/api"
	"apex/internal/api/rdsapi"
	"apex/internal/service/ec2"
)

const defaultCertificate = "rds-ca-rsa2048-g1"

var (
	certificateStart = time.Date(2021, 5, 25, 0, 0, 0, 0, time.UTC)
	certificateEnd   = time.Date(2061, 5, 25, 0, 0, 0, 0, time.UTC)
)

func (s *Service) describeEngineVersions(_ context.Context, _ *api.Call, in *rdsapi.DescribeDBEngineVersionsMessage) (*rdsapi.DBEngineVersionMessage, error) {
	var all []rdsapi.DBEngineVersion
	seen := map[string]bool{}
	for _, o := range offers {
		version, asked := o.version, api.Val(in.EngineVersion)
		if strings.HasPrefix(asked, o.major+".") {
			version = asked
		}
		isDefault := !seen[o.engine]
		seen[o.engine] = true
		if (in.Engine == nil || *in.Engine == o.engine) && (asked == "" || asked == o.major || asked == version) &&
			(in.DBParameterGroupFamily == nil || *in.DBParameterGroupFamily == o.family()) &&
			(isDefault || !api.Val(in.DefaultOnly)) {
			all = append(all, s.describeOffer(o, version))
		}
	}
	slices.SortFunc(all, func(a, b rdsapi.DBEngineVersion) int { return strings.Compare(versionKey(a), versionKey(b)) })
	some, marker, err := page(all, versionKey, in.MaxRecords, in.Marker)
	return &rdsapi.DBEngineVersionMessage{DBEngineVersions: some, Marker: marker}, err
}

func versionKey(v rdsapi.DBEngineVersion) string { return *v.Engine + " " + *v.EngineVersion }

// describeOffer says in its descriptions which server is behind the version.
func (s *Service) describeOffer(o offer, version string) rdsapi.DBEngineVersion {
	description := fmt.Sprintf("%s %s", o.engine, version)
	if e := s.engine.Load(); e != nil {
		description += ", served by " + e.String()
	}
	return rdsapi.DBEngineVersion{
		Engine: api.Ptr(o.engine), EngineVersion: api.Ptr(version), MajorEngineVersion: api.Ptr(o.major),
		DBParameterGroupFamily: api.Ptr(o.family()), DBEngineDescription: api.Ptr(description),
		DBEngineVersionDescription: api.Ptr(description), Status: api.Ptr("available"),
		DefaultCharacterSet:                       &rdsapi.CharacterSet{CharacterSetName: api.Ptr("utf8mb4"), CharacterSetDescription: api.Ptr("UTF-8 Unicode")},
		ExportableLogTypes:                        []string{"audit", "error", "general", "slowquery"},
		SupportedEngineModes:                      []string{"provisioned"},
		ValidUpgradeTarget:                        []rdsapi.UpgradeTarget{},
		SupportsReadReplica:                       api.Ptr(false),
		SupportsParallelQuery:                     api.Ptr(false),
		SupportsGlobalDatabases:                   api.Ptr(false),
		SupportsLogExportsToCloudwatchLogs:        api.Ptr(false),
		SupportsCertificateRotationWithoutRestart: api.Ptr(true),
		SupportedCACertificateIdentifiers:         []string{defaultCertificate},
	}
}

func (s *Service) describeOrderable(_ context.Context, call *api.Call, in *rdsapi.DescribeOrderableDBInstanceOptionsMessage) (*rdsapi.OrderableDBInstanceOptionsMessage, error) {
	o, version, err := findOffer(*in.Engine, api.Val(in.EngineVersion))
	if err != nil {
		return nil, err
	}
	var zones []rdsapi.AvailabilityZone
	for _, name := range s.zones(call) {
		zones = append(zones, rdsapi.AvailabilityZone{Name: api.Ptr(name)})
	}
	var all []rdsapi.OrderableDBInstanceOption
	for _, class := range orderableClasses {
		if in.DBInstanceClass != nil && *in.DBInstanceClass != class {
			continue
		}
		for _, storage := range []string{"gp2", "gp3", "io1"} {
			all = append(all, rdsapi.OrderableDBInstanceOption{
				Engine: api.Ptr(o.engine), EngineVersion: api.Ptr(version), DBInstanceClass: api.Ptr(class), LicenseModel: api.Ptr(o.license),
				AvailabilityZones: zones, MultiAZCapable: api.Ptr(true), ReadReplicaCapable: api.Ptr(false), Vpc: api.Ptr(true),
				SupportsStorageEncryption: api.Ptr(true), StorageType: api.Ptr(storage), SupportsIops: api.Ptr(storage == "io1"),
				SupportsEnhancedMonitoring: api.Ptr(true), SupportsIAMDatabaseAuthentication: api.Ptr(true), SupportsPerformanceInsights: api.Ptr(true),
				MinStorageSize: api.Ptr(int64(5)), MaxStorageSize: api.Ptr(int64(65536)), SupportsStorageAutoscaling: api.Ptr(true),
				SupportedEngineModes: []string{"provisioned"}, SupportedNetworkTypes: []string{"IPV4"}, SupportsClusters: api.Ptr(false),
			})
		}
	}
	slices.SortFunc(all, func(a, b rdsapi.OrderableDBInstanceOption) int {
		return strings.Compare(orderableKey(a), orderableKey(b))
	})
	some, marker, err := pageOf(all, orderableKey, 10000, in.MaxRecords, in.Marker)
	return &rdsapi.OrderableDBInstanceOptionsMessage{OrderableDBInstanceOptions: some, Marker: marker}, err
}

func orderableKey(o rdsapi.OrderableDBInstanceOption) string {
	return *o.DBInstanceClass + " " + *o.StorageType
}

// zones are those in which the caller has subnets.
func (s *Service) zones(call *api.Call) (names []string) {
	for _, subnet := range ec2.Subnets.Prefix(s.env.Store.Snapshot(), scopeOf(call).Prefix()) {
		names = append(names, subnet.Spec.Zone)
	}
	slices.Sort(names)
	return slices.Compact(names)
}

func (s *Service) describeAccount(_ context.Context, call *api.Call, _ *rdsapi.DescribeAccountAttributesMessage) (*rdsapi.AccountAttributesMessage, error) {
	var used, storage int64
	for _, i := range Instances.Prefix(s.env.Store.Snapshot(), scopeOf(call).Prefix()) {
		used++
		storage += i.Spec.Storage
	}
	return &rdsapi.AccountAttributesMessage{AccountQuotas: []rdsapi.AccountQuota{
		{AccountQuotaName: api.Ptr("DBInstances"), Used: &used, Max: api.Ptr(int64(40))},
		{AccountQuotaName: api.Ptr("AllocatedStorage"), Used: &storage, Max: api.Ptr(int64(100000))},
	}}, nil
}

func (s *Service) describeCertificates(_ context.Context, call *api.Call, in *rdsapi.DescribeCertificatesMessage) (*rdsapi.CertificateMessage, error) {
	if in.CertificateIdentifier != nil && *in.CertificateIdentifier != defaultCertificate {
		return nil, rdsapi.NewCertificateNotFoundFault("Certificate not found: %s", *in.CertificateIdentifier)
	}
	return &rdsapi.CertificateMessage{DefaultCertificateForNewLaunches: api.Ptr(defaultCertificate), Certificates: []rdsapi.Certificate{{
		CertificateIdentifier: api.Ptr(defaultCertificate), CertificateType: api.Ptr("CA"),
		ValidFrom: api.Ptr(certificateStart), ValidTill: api.Ptr(certificateEnd), CustomerOverride: api.Ptr(false),
		CertificateArn: api.Ptr(fmt.Sprintf("arn:aws:rds:%s::cert:%s", call.Region, defaultCertificate)),
	}}}, nil
}

func (s *Service) describeEvents(context.Context, *api.Call, *rdsapi.DescribeEventsMessage) (*rdsapi.EventsMessage, error) {
	return &rdsapi.EventsMessage{Events: []rdsapi.Event{}}, nil
}

func (s *Service) describeMaintenance(context.Context, *api.Call, *rdsapi.DescribePendingMaintenanceActionsMessage) (*rdsapi.PendingMaintenanceActionsMessage, error) {
	return &rdsapi.PendingMaintenanceActionsMessage{PendingMaintenanceActions: []rdsapi.ResourcePendingMaintenanceActions{}}, nil
}
