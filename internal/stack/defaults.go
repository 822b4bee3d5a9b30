package stack

import (
	"encoding/binary"
	"net/netip"
	"strings"
)

// setDefaults fills in what the file leaves out.
func (s *Stack) setDefaults() {
	set(&s.Region, "us-east-1")
	set(&s.Balancer.Compression, CompressionNone)
	set(&s.Logs.Retention, 7)
	set(&s.Registry.Keep, 10)
	s.Network.setDefaults()
	if len(s.Balancer.From) == 0 {
		s.Balancer.From = []Prefix{{netip.MustParsePrefix("0.0.0.0/0")}}
	}
	if s.HTTPS != nil {
		set(&s.HTTPS.Domain, s.Name+".localhost")
	}
	for name, svc := range s.Services {
		svc.setDefaults()
		s.Services[name] = svc
	}
	if s.Database != nil {
		s.Database.setDefaults(s.Name)
	}
	if s.Cache != nil {
		s.Cache.setDefaults()
	}
}

func (n *Network) setDefaults() {
	set(&n.CIDR, Prefix{netip.MustParsePrefix("10.0.0.0/16")})
	set(&n.NAT, NATSingle)
	switch {
	case n.Zones == 0 && len(n.Public) > 0:
		n.Zones = len(n.Public)
	case n.Zones == 0:
		n.Zones = 2
	}
	if n.Public == nil {
		n.Public = n.subnets(0)
	}
	if n.Private == nil {
		n.Private = n.subnets(10)
	}
}

// subnets are the /24 blocks that stand at first and after it in the VPC's
// block; none when it is too small to hold them.
func (n *Network) subnets(first uint32) []Prefix {
	if n.CIDR.Bits() > 20 || n.Zones > len(zones) {
		return nil
	}
	var blocks []Prefix
	base := n.CIDR.Addr().As4()
	for i := range uint32(max(n.Zones, 0)) {
		var addr [4]byte
		binary.BigEndian.PutUint32(addr[:], binary.BigEndian.Uint32(base[:])+(first+i)<<8)
		blocks = append(blocks, Prefix{netip.PrefixFrom(netip.AddrFrom4(addr), 24)})
	}
	return blocks
}

func (s *Service) setDefaults() {
	set(&s.Port, 3000)
	set(&s.CPU, 256)
	if s.Memory == 0 && len(fargate(s.CPU)) > 0 {
		s.Memory = fargate(s.CPU)[0]
	}
	set(&s.Count, Count{Min: 2, Max: 2})
	if s.Count.Max == 0 {
		s.Count.Max = s.Count.Min
	}
	s.Deploy.setDefaults()
	if s.HTTP != nil {
		set(&s.HTTP.Health, "/")
		set(&s.HTTP.Drain, 30)
	}
}

func (d *Database) setDefaults(stack string) {
	set(&d.Engine, Engine{"mysql", "8.0"})
	set(&d.Class, "db.t3.micro")
	set(&d.Storage, Storage{20, 40})
	set(&d.Backups, 7)
	set(&d.Maintenance, Window{"Mon", DayWindow{"04:00", "05:00"}})
	if night := (DayWindow{"02:00", "03:00"}); night.Overlaps(d.Maintenance.DayWindow) {
		set(&d.Backup, DayWindow{"06:00", "07:00"})
	} else {
		set(&d.Backup, night)
	}
	set(&d.Name, strings.ReplaceAll(stack, "-", "_"))
}

func (c *Cache) setDefaults() {
	set(&c.Engine, Engine{"redis", "7.0"})
	set(&c.Node, "cache.t3.micro")
	set(&c.Eviction, "volatile-lru")
	set(&c.Maintenance, Window{"Mon", DayWindow{"05:00", "07:00"}})
}

// set gives a field its default if the file says nothing.
func set[T comparable](field *T, value T) {
	var zero T
	if *field == zero {
		*field = value
	}
}
