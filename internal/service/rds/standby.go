package rds

import (
	"context"
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"apex/internal/api/rdsapi"
	"apex/internal/arn"
	"apex/internal/dataplane/mysql"
	"apex/internal/service/ec2"
	"apex/internal/store"
)

// ensureStandby gives an instance that is to serve from two zones an interface in
// another one, and takes it from one that is not. As in RDS the standby serves
// nobody: it is where the one server starts again, on the same data.
func ensureStandby(tx *store.Tx, scope arn.Scope, i *Instance) error {
	wanted := i.Spec.Cluster == "" && (i.Spec.MultiAZ || i.Spec.wanted().MultiAZ)
	if !wanted {
		dropStandby(tx, scope, &i.Spec)
		return nil
	}
	if i.Spec.Standby.InterfaceID != "" {
		return nil
	}
	subnet, err := otherSubnet(tx, scope, i.Spec)
	if err != nil {
		return err
	}
	eni, err := ec2.RequestInterface(tx, scope, ec2.InterfaceSpec{
		SubnetID: subnet.ID(), GroupIDs: i.Spec.GroupIDs, Description: "RDSNetworkInterface", Requester: "rds", CreatedAt: i.Spec.CreatedAt,
	})
	if err != nil {
		return err
	}
	i.Spec.Standby = Standby{InterfaceID: eni.ID(), Address: eni.Spec.PrivateIP, Zone: eni.Spec.Zone}
	return nil
}

func dropStandby(tx *store.Tx, scope arn.Scope, spec *InstanceSpec) {
	if spec.Standby.InterfaceID != "" {
		ec2.ReleaseInterface(tx, scope, spec.Standby.InterfaceID)
		spec.Standby = Standby{}
	}
}

// otherSubnet is the group's first subnet in another zone than the instance's.
func otherSubnet(r store.Reader, scope arn.Scope, spec InstanceSpec) (ec2.Subnet, error) {
	g, err := findSubnetGroup(r, scope, spec.SubnetGroup)
	if err != nil {
		return ec2.Subnet{}, err
	}
	var found []ec2.Subnet
	for _, id := range g.Spec.SubnetIDs {
		if subnet, ok := ec2.Subnets.Get(r, scope.Key(id)); ok && subnet.Spec.Zone != spec.Zone {
			found = append(found, subnet)
		}
	}
	if len(found) == 0 {
		return ec2.Subnet{}, rdsapi.NewDBSubnetGroupDoesNotCoverEnoughAZs("DB subnet group %s has no subnet outside Availability Zone %s for a standby", spec.SubnetGroup, spec.Zone)
	}
	return slices.MinFunc(found, func(a, b ec2.Subnet) int { return strings.Compare(a.Spec.Zone, b.Spec.Zone) }), nil
}

// failOver makes the standby's place the server's, and the name lead there.
func failOver(tx *store.Tx, scope arn.Scope, i *Instance) error {
	if !i.Spec.MultiAZ || i.Spec.Standby.InterfaceID == "" {
		return combination("Cannot reboot instance %s with forced failover: it has no standby", i.ID())
	}
	next := i.Spec.Standby
	i.Spec.Standby = Standby{InterfaceID: i.Spec.InterfaceID, Address: i.Spec.Address, Zone: i.Spec.Zone}
	i.Spec.InterfaceID, i.Spec.Address, i.Spec.Zone = next.InterfaceID, next.Address, next.Zone
	i.Spec.Failovers++
	ec2.PutName(tx, scope, i.Spec.VPCID, endpointName(scope, i.ID()), []netip.Addr{next.Address})
	return nil
}

// interrupted says whether the server was asked to begin anew and has not yet.
func (st InstanceStatus) interrupted(spec InstanceSpec) bool {
	return st.Reboots != spec.Reboots || st.Failovers != spec.Failovers
}

// interrupt ends a server that is to begin anew. One that fails over is fenced: it
// gets no time to write or answer anything more, and the next start recovers what
// it had committed.
func (s *Service) interrupt(ctx context.Context, i Instance) error {
	dir := Dir(s.env.Home, i.Spec.ResourceID)
	switch {
	case !i.Status.Created:
		return nil
	case i.Status.Failovers != i.Spec.Failovers:
		if err := mysql.Kill(ctx, dir); err != nil {
			return fmt.Errorf("fence server: %w", err)
		}
	case i.Status.Reboots != i.Spec.Reboots:
		if err := mysql.Stop(ctx, dir); err != nil {
			return fmt.Errorf("stop server: %w", err)
		}
	}
	return nil
}
