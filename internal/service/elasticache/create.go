package elasticache

import (
	"net/netip"
	"slices"
	"strings"
	"time"

	"apex/internal/api"
	"apex/internal/api/elasticacheapi"
	"apex/internal/arn"
	"apex/internal/service/ec2"
	"apex/internal/service/kms"
	"apex/internal/service/maintenance"
	"apex/internal/store"
)

// A request holds what the creation of a group and of a cluster have in common.
type request struct {
	key, description string
	engine, version  string
	nodeType         string
	parameterGroup   string
	subnetGroup      string
	groupIDs         []string
	port             *int64
	token            *string
	members          int64
	zones            []string // that the caller prefers
	tags             []elasticacheapi.Tag
	settings         Settings
	userGroups       []string
	snapshot         *string // that it begins with
}

// create checks a request, records the cache, and asks for its interface.
func (s *Service) create(tx *store.Tx, call *api.Call, r request) (Cache, error) {
	v, err := findVersion(r.engine, r.version)
	if err != nil {
		return Cache{}, err
	}
	tags, err := tagsOf(r.tags)
	if err != nil {
		return Cache{}, err
	}
	if r.parameterGroup == "" {
		r.parameterGroup = defaultGroup(v.family)
	}
	c := Cache{Key: r.key, Spec: CacheSpec{
		Description: r.description, Engine: v.engine, UserGroups: r.userGroups, Port: r.portOr(6379), SubnetGroup: strings.ToLower(r.subnetGroup), GroupIDs: r.groupIDs,
		ParameterGroup: strings.ToLower(r.parameterGroup), Members: r.members, Sizing: Sizing{r.nodeType, v.full}, Settings: r.settings,
		CreatedAt: call.Now.UTC(), Tags: tags, Change: 1,
	}}
	if err := s.setToken(&c, r.token, elasticacheapi.AuthTokenUpdateStrategyTypeSet, call.Now); err != nil {
		return Cache{}, err
	}
	if err := checkCache(tx, c); err != nil {
		return Cache{}, err
	}
	if r.snapshot != nil {
		if err := c.Spec.beginWith(tx, scopeOf(call), *r.snapshot); err != nil {
			return Cache{}, err
		}
	}
	if id := c.Spec.KMSKeyID; id != "" {
		if _, err := kms.Usable(tx, s.env, scopeOf(call), id); err != nil {
			return Cache{}, elasticacheapi.NewInvalidKMSKeyFault("The KMS key %s does not exist, is not enabled or you do not have permissions to access it.", id)
		}
	}
	if err := connect(tx, &c, r.zones); err != nil {
		return Cache{}, err
	}
	Caches.Put(tx, c)
	return c, nil
}

func (r request) portOr(preset int64) int64 { return api.Or(r.port, preset) }

// checkCache checks a cache against its own values and its groups.
func checkCache(r store.Reader, c Cache) error {
	scope, _ := arn.SplitKey(c.Key)
	if _, err := findNodeType(c.Spec.NodeType); err != nil {
		return err
	}
	if c.Spec.Port < 1150 || c.Spec.Port > 65535 {
		return invalid("Invalid port %d: want 1150 to 65535", c.Spec.Port)
	}
	if _, err := maintenance.Parse(c.Spec.MaintenanceWindow); err != nil {
		return invalid("PreferredMaintenanceWindow: %v", err)
	}
	if err := maintenance.CheckDaily(c.Spec.SnapshotWindow); err != nil {
		return invalid("SnapshotWindow: %v", err)
	}
	if c.Spec.SnapshotRetention < 0 || c.Spec.SnapshotRetention > 35 {
		return invalid("SnapshotRetentionLimit must be between 0 and 35: %d", c.Spec.SnapshotRetention)
	}
	if err := checkUserGroups(r, scope, c.Spec); err != nil {
		return err
	}
	if err := checkLogs(c.Spec.Logs); err != nil {
		return err
	}
	v, err := findVersion(c.Spec.EngineName(), c.Spec.EngineVersion)
	if err != nil {
		return err
	}
	g, err := findParameterGroup(r, scope, c.Spec.ParameterGroup)
	if err != nil {
		return err
	}
	if g.Spec.Family != v.family {
		return combination("Expected a parameter group of family %s but found one of family %s", v.family, g.Spec.Family)
	}
	return nil
}

// setToken changes the tokens that admit: SET leaves the new one alone, ROTATE
// adds it to the last, DELETE leaves none.
func (s *Service) setToken(c *Cache, token *string, strategy string, now time.Time) error {
	if strategy == elasticacheapi.AuthTokenUpdateStrategyTypeDelete {
		c.Spec.Tokens, c.Spec.TokenChanged = nil, now.UTC()
		c.Spec.Change++
		return nil
	}
	if api.Val(token) == "" { // Terraform sends an empty one after an import
		return nil
	}
	if !c.Spec.TransitEncryption {
		return combination("The AUTH token feature can only be enabled when encryption in transit is enabled")
	}
	if err := checkToken(*token); err != nil {
		return err
	}
	sealed := [][]byte{s.env.Sealer.Seal([]byte(*token), []byte(c.Key))}
	if n := len(c.Spec.Tokens); n > 0 && strategy == elasticacheapi.AuthTokenUpdateStrategyTypeRotate {
		sealed = append(sealed, c.Spec.Tokens[n-1])
		slices.Reverse(sealed)
	}
	c.Spec.Tokens, c.Spec.TokenChanged = sealed, now.UTC()
	c.Spec.Change++
	return nil
}

// connect asks for an interface in a subnet of the group, and gives it the
// cache's names.
func connect(tx *store.Tx, c *Cache, preferred []string) error {
	scope, _ := arn.SplitKey(c.Key)
	if c.Spec.SubnetGroup == "" {
		return elasticacheapi.NewInvalidVPCNetworkStateFault("CacheSubnetGroupName is missing, and this region has no default VPC")
	}
	g, err := findSubnetGroup(tx, scope, c.Spec.SubnetGroup)
	if err != nil {
		return err
	}
	c.Spec.VPCID = g.Spec.VPCID
	subnet, zones, err := place(tx, scope, g, preferred, max(c.Spec.Members, 1))
	if err != nil {
		return err
	}
	eni, err := ec2.RequestInterface(tx, scope, ec2.InterfaceSpec{
		SubnetID: subnet, GroupIDs: c.Spec.GroupIDs, Description: "ElastiCache " + c.ID(), Requester: "elasticache", CreatedAt: c.Spec.CreatedAt,
	})
	if err != nil {
		return err
	}
	c.Spec.InterfaceID, c.Spec.Address, c.Spec.GroupIDs, c.Spec.Zones = eni.ID(), eni.Spec.PrivateIP, eni.Spec.GroupIDs, zones
	putNames(tx, *c)
	return nil
}

// putNames makes the cache's names lead to its server.
func putNames(tx *store.Tx, c Cache) {
	scope, _ := arn.SplitKey(c.Key)
	for _, name := range namesOf(c).all(c.Spec.Members) {
		ec2.PutName(tx, scope, c.Spec.VPCID, name, []netip.Addr{c.Spec.Address})
	}
}

func deleteNames(tx *store.Tx, c Cache) {
	scope, _ := arn.SplitKey(c.Key)
	for _, name := range namesOf(c).all(c.Spec.Members) {
		ec2.DeleteName(tx, scope, c.Spec.VPCID, name)
	}
}

// place picks the primary's subnet, and a zone for each member: those preferred,
// else the group's zones in turn.
func place(r store.Reader, scope arn.Scope, g SubnetGroup, preferred []string, members int64) (subnetID string, zones []string, err error) {
	in := map[string]string{} // zone to subnet
	for _, id := range g.Spec.SubnetIDs {
		if subnet, ok := ec2.Subnets.Get(r, scope.Key(id)); ok {
			if _, taken := in[subnet.Spec.Zone]; !taken {
				in[subnet.Spec.Zone] = id
			}
		}
	}
	var all []string
	for zone := range in {
		all = append(all, zone)
	}
	slices.Sort(all)
	if len(preferred) > 0 {
		all = preferred
	}
	if len(all) == 0 {
		return "", nil, elasticacheapi.NewInvalidSubnet("The cache subnet group %s has no subnet", g.Name())
	}
	for n := range members {
		zones = append(zones, all[n%int64(len(all))])
	}
	id, ok := in[zones[0]]
	if !ok {
		return "", nil, invalid("The cache subnet group %s has no subnet in Availability Zone %s", g.Name(), zones[0])
	}
	return id, zones, nil
}
