package ec2

import (
	"context"
	"time"

	"apex/internal/arn"
	"apex/internal/controller"
	"apex/internal/dataplane/nat"
	"apex/internal/dataplane/series"
	"apex/internal/dataplane/vnet"
)

// meterPatience bounds the wait for one agent's figures.
const meterPatience = 2 * time.Second

// meterController reads what NAT gateways have carried as long as the region
// runs.
func (s *Service) meterController() controller.Controller {
	m := meter{service: s, began: s.env.Now(), last: map[string]vnet.Figures{}}
	return controller.Every("ec2/meter", s.env.Profile.Period(time.Minute), m.measure)
}

// A meter turns what agents count into CloudWatch's metrics. It keeps what each
// one said last, by the VPC's key.
type meter struct {
	service *Service
	began   time.Time
	last    map[string]vnet.Figures
}

// measure asks the agents of all VPCs, also of those without a NAT gateway: an
// address may have been used before a gateway gets it. Of an agent that does not
// answer nothing is known.
func (m *meter) measure(ctx context.Context) {
	snap := m.service.env.Store.Snapshot()
	gateways := map[string][]NATGateway{} // by the VPC's key
	for key, g := range NATGateways.All(snap) {
		if scope, _ := arn.SplitKey(key); g.Spec.DeletedAt.IsZero() {
			gateways[scope.Key(g.Spec.VPCID)] = append(gateways[scope.Key(g.Spec.VPCID)], g)
		}
	}
	for key := range m.last {
		if _, ok := VPCs.Get(snap, key); !ok {
			delete(m.last, key)
		}
	}
	for key := range VPCs.All(snap) {
		m.look(ctx, key, gateways[key])
	}
}

// look asks one VPC's agent, and tells what its gateways have done since the last
// look.
func (m *meter) look(ctx context.Context, vpc string, gateways []NATGateway) {
	asking, cancel := context.WithTimeout(ctx, meterPatience)
	defer cancel()
	now, err := m.service.network.Figures(asking, idOf(vpc))
	if err != nil {
		m.service.env.Log.DebugContext(ctx, "no figures", "vpc", idOf(vpc), "error", err)
		return
	}
	before, known := m.since(vpc, now)
	m.last[vpc] = now
	for _, g := range gateways {
		address := g.Spec.PublicIP
		m.tell(ctx, g, gatewayFigures(before.Sources[address], now.Sources[address], known))
	}
}

// since is what an agent's figures are to be compared with. One that began anew
// counts from nothing. Of one that is older than the meter, and is met for the
// first time, it is not known since when it counts.
func (m *meter) since(vpc string, now vnet.Figures) (before vnet.Figures, known bool) {
	last, met := m.last[vpc]
	if met && last.Since.Equal(now.Since) {
		return last, true
	}
	return vnet.Figures{}, met || !now.Since.Before(m.began)
}

// tell hands a gateway's figures over.
func (m *meter) tell(ctx context.Context, g NATGateway, figures []figure) {
	scope, id := arn.SplitKey(g.Key)
	at := m.service.env.Now()
	for _, f := range figures {
		metric := series.NewID(scope.Prefix(), "AWS/NATGateway", f.name, "NatGatewayId", id)
		if err := m.service.env.Metrics.Add(metric, f.unit, series.Sample{At: at, Value: float64(f.value)}); err != nil {
			m.service.env.Log.WarnContext(ctx, "metric not kept", "metric", f.name, "error", err)
			return
		}
	}
}

// A figure is one value of a metric.
type figure struct {
	name, unit string
	value      int64
}

// gatewayFigures are the metrics of two looks at a gateway, by AWS's names and
// units. Without an earlier look there is only what holds at this moment.
func gatewayFigures(before, now nat.Counters, known bool) []figure {
	all := []figure{{"ActiveConnectionCount", "Count", now.Active}}
	if !known {
		return all
	}
	return append(all,
		figure{"BytesInFromDestination", "Bytes", now.FromDestination.Bytes - before.FromDestination.Bytes},
		figure{"BytesInFromSource", "Bytes", now.FromSource.Bytes - before.FromSource.Bytes},
		figure{"BytesOutToDestination", "Bytes", now.ToDestination.Bytes - before.ToDestination.Bytes},
		figure{"BytesOutToSource", "Bytes", now.ToSource.Bytes - before.ToSource.Bytes},
		figure{"PacketsInFromDestination", "Count", now.FromDestination.Packets - before.FromDestination.Packets},
		figure{"PacketsInFromSource", "Count", now.FromSource.Packets - before.FromSource.Packets},
		figure{"PacketsOutToDestination", "Count", now.ToDestination.Packets - before.ToDestination.Packets},
		figure{"PacketsOutToSource", "Count", now.ToSource.Packets - before.ToSource.Packets},
		figure{"ConnectionAttemptCount", "Count", now.Attempts - before.Attempts},
		figure{"ConnectionEstablishedCount", "Count", now.Established - before.Established},
		figure{"ErrorPortAllocation", "Count", now.PortErrors - before.PortErrors},
		figure{"IdleTimeoutCount", "Count", now.IdleTimeouts - before.IdleTimeouts},
		figure{"PacketsDropCount", "Count", now.Dropped - before.Dropped},
	)
}
