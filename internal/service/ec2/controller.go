package ec2

import (
	"context"
	"fmt"
	"slices"
	"time"

	"apex/internal/api/ec2api"
	"apex/internal/arn"
	"apex/internal/controller"
	"apex/internal/dataplane/vnet"
	"apex/internal/store"
)

// resync is how often a network's agent is looked after though nothing changed.
const resync = 5 * time.Second

// deletedFor is how long a deleted NAT gateway can still be described.
const deletedFor = time.Hour

// Controllers returns what makes the tables true. An interface's change is its
// own controller's matter, so that it is ready within milliseconds; everything
// else that concerns a VPC is the VPC's.
func (s *Service) Controllers() []controller.Controller {
	return []controller.Controller{
		controller.New(controller.Spec[VPC, VPCStatus]{
			Name: "ec2/vpc", Table: VPCs, Status: func(o *VPC) *VPCStatus { return &o.Status },
			Start: s.prune, Reconcile: s.reconcileVPC, Every: resync, Workers: 2,
			Watch: []controller.Trigger{
				controller.On(Subnets, vpcOf(Subnets, func(o Subnet) string { return o.Spec.VPCID })),
				controller.On(RouteTables, vpcOf(RouteTables, func(o RouteTable) string { return o.Spec.VPCID })),
				controller.On(SecurityGroups, vpcOf(SecurityGroups, func(o SecurityGroup) string { return o.Spec.VPCID })),
				controller.On(InternetGateways, vpcOf(InternetGateways, func(o InternetGateway) string { return o.Spec.VPCID })),
				controller.On(NetworkACLs, vpcOf(NetworkACLs, func(o NetworkACL) string { return o.Spec.VPCID })),
				controller.On(PrefixLists, everyVPC),
				controller.On(Peerings, peersVPCs),
				controller.On(Names, vpcOf(Names, func(o Name) string { return o.Spec.VPCID })),
				controller.On(Addresses, everyVPC),
				controller.On(Zones, everyVPC),
				controller.On(NATGateways, vpcOf(NATGateways, func(o NATGateway) string { return o.Spec.VPCID })),
				controller.On(NetworkInterfaces, goneInterface),
			},
		}),
		controller.New(controller.Spec[NetworkInterface, NetworkInterfaceStatus]{
			Name: "ec2/interface", Table: NetworkInterfaces, Status: func(o *NetworkInterface) *NetworkInterfaceStatus { return &o.Status },
			Reconcile: s.reconcileInterface, Workers: 4,
		}),
		controller.New(controller.Spec[NATGateway, NATGatewayStatus]{
			Name: "ec2/nat-gateway", Table: NATGateways, Status: func(o *NATGateway) *NATGatewayStatus { return &o.Status },
			Reconcile: s.reconcileNAT, Workers: 1,
			Watch: []controller.Trigger{controller.On(InternetGateways, natGatewaysOf)},
		}),
		s.meterController(),
		s.tokenController(),
	}
}

// vpcOf maps a row to its VPC, or to all of the scope's when it is gone or
// belongs to none: which one it was is no longer known.
func vpcOf[T any](table *store.Table[T], vpcID func(T) string) func(store.Snapshot, string) []string {
	return func(snap store.Snapshot, key string) []string {
		o, ok := table.Get(snap, key)
		if !ok || vpcID(o) == "" {
			return everyVPC(snap, key)
		}
		scope, _ := arn.SplitKey(key)
		return []string{scope.Key(vpcID(o))}
	}
}

// peersVPCs are the two sides of a peering, or all VPCs there are when it is gone.
func peersVPCs(snap store.Snapshot, key string) []string {
	if p, ok := Peerings.Get(snap, key); ok {
		return []string{p.Spec.Requester.scope().Key(p.Spec.Requester.VPCID), p.Spec.Accepter.scope().Key(p.Spec.Accepter.VPCID)}
	}
	var keys []string
	for k := range VPCs.All(snap) {
		keys = append(keys, k)
	}
	return keys
}

func everyVPC(snap store.Snapshot, key string) []string {
	scope, _ := arn.SplitKey(key)
	var keys []string
	for k := range VPCs.Prefix(snap, scope.Prefix()) {
		keys = append(keys, k)
	}
	return keys
}

func goneInterface(snap store.Snapshot, key string) []string {
	if _, ok := NetworkInterfaces.Get(snap, key); ok {
		return nil
	}
	return everyVPC(snap, key)
}

func natGatewaysOf(snap store.Snapshot, key string) []string {
	scope, _ := arn.SplitKey(key)
	var keys []string
	for k, g := range NATGateways.Prefix(snap, scope.Prefix()) {
		if g.Status.State == "" {
			keys = append(keys, k)
		}
	}
	return keys
}

// prune removes what the kernel has of VPCs and interfaces that are gone.
func (s *Service) prune(ctx context.Context, snap store.Snapshot) error {
	wanted := map[string]bool{}
	for _, v := range VPCs.All(snap) {
		wanted[v.ID()] = true
	}
	for _, i := range NetworkInterfaces.All(snap) {
		wanted[i.ID()] = true
	}
	return s.network.Prune(ctx, func(id string) bool { return wanted[id] || !ours(id) })
}

// ours reports whether an id is one that this service gives out: a namespace of
// the home may belong to somebody else.
func ours(id string) bool {
	k, ok := kindByID(id)
	return ok && slices.Contains([]string{"vpc", "network-interface"}, k.name)
}

func (s *Service) reconcileVPC(ctx context.Context, _ store.Snapshot, key string) (VPCStatus, error) {
	if err := s.bring(ctx, key); err != nil {
		return VPCStatus{Fault: err.Error()}, err
	}
	return VPCStatus{Ready: true}, nil
}

// bring makes a VPC's network what the rows say, by their newest state: one that
// waited for its turn must not bring an older state back.
func (s *Service) bring(ctx context.Context, key string) error {
	turn := s.turns.of(key)
	turn.Lock()
	defer turn.Unlock()
	snap := s.env.Store.Snapshot()
	vpc, ok := VPCs.Get(snap, key)
	if !ok {
		return s.network.Delete(ctx, idOf(key))
	}
	scope, _ := arn.SplitKey(key)
	return s.network.Apply(ctx, network(snap, scope, vpc))
}

func (s *Service) reconcileInterface(ctx context.Context, snap store.Snapshot, key string) (NetworkInterfaceStatus, error) {
	i, ok := NetworkInterfaces.Get(snap, key)
	if !ok {
		return NetworkInterfaceStatus{}, nil // its VPC's controller removes it
	}
	scope, id := arn.SplitKey(key)
	if i.Spec.hollow() {
		return NetworkInterfaceStatus{Ready: true}, nil
	}
	fault := s.bring(ctx, scope.Key(i.Spec.VPCID))
	if s.network.Attached(i.Spec.VPCID, id) {
		// A fault of something else in the VPC is not this interface's.
		return NetworkInterfaceStatus{Ready: true, Namespace: vnet.Namespace(s.env.Hash, id)}, nil
	}
	if fault == nil {
		fault = fmt.Errorf("interface %s: not attached", id)
	}
	return NetworkInterfaceStatus{Fault: fault.Error()}, fault
}

func (s *Service) reconcileNAT(ctx context.Context, snap store.Snapshot, key string) (NATGatewayStatus, error) {
	g, ok := NATGateways.Get(snap, key)
	if !ok {
		return NATGatewayStatus{}, nil
	}
	scope, id := arn.SplitKey(key)
	if !g.Spec.DeletedAt.IsZero() && s.env.Now().Sub(g.Spec.DeletedAt) >= deletedFor {
		return g.Status, s.forget(ctx, scope, id)
	}
	if _, ok := VPCs.Get(snap, scope.Key(g.Spec.VPCID)); ok {
		if err := s.bring(ctx, scope.Key(g.Spec.VPCID)); err != nil {
			return NATGatewayStatus{State: g.Status.State, Fault: err.Error()}, err
		}
	}
	if !g.Spec.DeletedAt.IsZero() {
		return NATGatewayStatus{State: ec2api.NatGatewayStateDeleted}, controller.Again(deletedFor)
	}
	if _, ok := (view{r: snap, scope: scope}).gatewayOf(g.Spec.VPCID); !ok {
		return NATGatewayStatus{Fault: "the network has no internet gateway attached"}, nil
	}
	return NATGatewayStatus{State: ec2api.NatGatewayStateAvailable}, nil
}

// forget drops a deleted gateway's tags with its row.
func (s *Service) forget(ctx context.Context, scope arn.Scope, id string) error {
	err := s.env.Store.Update(ctx, func(tx *store.Tx) error {
		TagSets.Delete(tx, scope.Key(id))
		return nil
	})
	if err != nil {
		return err
	}
	return controller.Remove
}
