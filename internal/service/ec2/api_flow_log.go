package ec2

import (
	"strings"
	"time"

	"apex/internal/api"
	"apex/internal/api/ec2api"
	"apex/internal/awsid"
)

// A FlowLog asks for records of a resource's traffic.
type FlowLog struct {
	Key  string
	Spec FlowLogSpec
}

// ID returns "fl-…".
func (l FlowLog) ID() string { return idOf(l.Key) }

// FlowLogSpec is what the caller asked for.
type FlowLogSpec struct {
	ResourceID      string
	Traffic         string
	DestinationType string
	Destination     string
	LogGroup        string
	Format          string
	Role            string
	CrossRole       string
	Interval        int64
	FileFormat      string
	Hive            bool
	Hourly          bool
	CreatedAt       time.Time
}

// flowFormat is the format of records when none is asked for.
const flowFormat = "${version} ${account-id} ${interface-id} ${srcaddr} ${dstaddr} ${srcport} ${dstport} ${protocol} ${packets} ${bytes} ${start} ${end} ${action} ${log-status}"

func createFlowLogs(c change, in *ec2api.CreateFlowLogsRequest) (*ec2api.CreateFlowLogsResult, error) {
	spec, err := flowLogOf(c, in)
	if err != nil {
		return nil, err
	}
	out := &ec2api.CreateFlowLogsResult{ClientToken: in.ClientToken}
	for _, id := range in.ResourceIds {
		if err := c.flows(api.Val(in.ResourceType), id); err != nil {
			return nil, err
		}
		spec.ResourceID = id
		for _, l := range FlowLogs.Prefix(c.r, c.scope.Prefix()) {
			if l.Spec.same(spec) {
				return nil, api.Invalid("FlowLogAlreadyExists", "Error. There is an existing Flow Log with the same configuration and log destination: %s", l.ID())
			}
		}
		l := FlowLog{Key: c.key(awsid.New("fl")), Spec: spec}
		FlowLogs.Put(c.tx, l)
		if err := c.tagNew("vpc-flow-log", l.ID(), in.TagSpecifications); err != nil {
			return nil, err
		}
		out.FlowLogIds = append(out.FlowLogIds, l.ID())
	}
	return out, nil
}

// same reports whether two flow logs put the same records in the same place.
func (s FlowLogSpec) same(o FlowLogSpec) bool {
	return s.ResourceID == o.ResourceID && s.Traffic == o.Traffic && s.Destination == o.Destination && s.Format == o.Format
}

// flows checks the resource that a flow log watches.
func (v view) flows(kind, id string) error {
	var err error
	switch kind {
	case ec2api.FlowLogsResourceTypeVpc:
		_, err = v.getVPC(&id)
	case ec2api.FlowLogsResourceTypeSubnet:
		_, err = v.getSubnet(&id)
	case ec2api.FlowLogsResourceTypeNetworkInterface:
		_, err = v.getInterface(&id)
	default:
		return unsupported("flow logs of this region watch VPCs, subnets and network interfaces, not a %s", kind)
	}
	return err
}

// flowLogOf reads what a request asks for, and fills in what it leaves open.
func flowLogOf(c change, in *ec2api.CreateFlowLogsRequest) (FlowLogSpec, error) {
	s := FlowLogSpec{
		Traffic: api.Val(in.TrafficType), DestinationType: api.Or(in.LogDestinationType, "cloud-watch-logs"), Destination: api.Val(in.LogDestination),
		LogGroup: api.Val(in.LogGroupName), Format: api.Or(in.LogFormat, flowFormat), Role: api.Val(in.DeliverLogsPermissionArn),
		CrossRole: api.Val(in.DeliverCrossAccountRole), Interval: api.Or(in.MaxAggregationInterval, 600), CreatedAt: c.now(),
	}
	if o := in.DestinationOptions; o != nil {
		s.FileFormat, s.Hive, s.Hourly = api.Or(o.FileFormat, "plain-text"), api.Val(o.HiveCompatiblePartitions), api.Val(o.PerHourPartition)
	}
	if s.Interval != 60 && s.Interval != 600 {
		return s, api.Invalid("InvalidParameter", "Invalid max aggregation interval %d: it is 60 or 600 seconds", s.Interval)
	}
	if s.Traffic == "" {
		return s, api.Invalid("MissingParameter", "The request must contain the parameter TrafficType")
	}
	if s.DestinationType != "cloud-watch-logs" {
		if s.Destination == "" || s.LogGroup != "" {
			return s, api.Invalid("InvalidParameter", "LogDestination, and no LogGroupName, must be given for the destination type %s", s.DestinationType)
		}
		return s, nil
	}
	if (s.LogGroup == "") == (s.Destination == "") {
		return s, api.Invalid("InvalidParameter", "Please only provide LogGroupName or only provide LogDestination.")
	}
	if s.Role == "" {
		return s, api.Invalid("InvalidParameter", "DeliverLogsPermissionArn can't be empty if LogDestinationType is cloud-watch-logs.")
	}
	if s.Destination == "" {
		s.Destination = c.scope.ARN("logs", "log-group:"+s.LogGroup)
	} else if _, name, ok := strings.Cut(s.Destination, ":log-group:"); ok {
		s.Destination = strings.TrimSuffix(s.Destination, ":*")
		s.LogGroup = strings.TrimSuffix(name, ":*")
	} else {
		return s, api.Invalid("InvalidParameter", "LogDestination: %s is not the ARN of a log group", s.Destination)
	}
	return s, nil
}

func deleteFlowLogs(c change, in *ec2api.DeleteFlowLogsRequest) (*ec2api.DeleteFlowLogsResult, error) {
	for _, id := range in.FlowLogIds {
		if !FlowLogs.Delete(c.tx, c.key(id)) {
			return nil, noFlowLog(id)
		}
		c.remove(id, true)
	}
	return &ec2api.DeleteFlowLogsResult{}, nil
}

func noFlowLog(id string) error {
	return api.Invalid("InvalidFlowLogId.NotFound", "These flow log ids in the input list are not found: [TotalCount: 1] %s", id)
}

func (v view) flowLog(l FlowLog) ec2api.FlowLog {
	out := ec2api.FlowLog{
		FlowLogId: api.Ptr(l.ID()), FlowLogStatus: api.Ptr("ACTIVE"), ResourceId: &l.Spec.ResourceID, TrafficType: &l.Spec.Traffic,
		LogDestinationType: &l.Spec.DestinationType, LogDestination: &l.Spec.Destination, LogFormat: &l.Spec.Format,
		MaxAggregationInterval: &l.Spec.Interval, CreationTime: &l.Spec.CreatedAt, Tags: v.tags(l.ID()),
	}
	for text, to := range map[*string]**string{
		&l.Spec.LogGroup: &out.LogGroupName, &l.Spec.Role: &out.DeliverLogsPermissionArn, &l.Spec.CrossRole: &out.DeliverCrossAccountRole,
	} {
		if *text != "" {
			*to = text
		}
	}
	if l.Spec.FileFormat != "" {
		out.DestinationOptions = &ec2api.DestinationOptionsResponse{
			FileFormat: &l.Spec.FileFormat, HiveCompatiblePartitions: &l.Spec.Hive, PerHourPartition: &l.Spec.Hourly,
		}
	}
	return out
}

var flowLogCatalog = catalog[ec2api.FlowLog]{
	least:   1,
	id:      func(o *ec2api.FlowLog) string { return *o.FlowLogId },
	tags:    func(o *ec2api.FlowLog) []ec2api.Tag { return o.Tags },
	missing: noFlowLog,
	filters: map[string]func(*ec2api.FlowLog) []string{
		"flow-log-id":          one(func(o *ec2api.FlowLog) *string { return o.FlowLogId }),
		"resource-id":          one(func(o *ec2api.FlowLog) *string { return o.ResourceId }),
		"traffic-type":         one(func(o *ec2api.FlowLog) *string { return o.TrafficType }),
		"log-group-name":       one(func(o *ec2api.FlowLog) *string { return o.LogGroupName }),
		"log-destination-type": one(func(o *ec2api.FlowLog) *string { return o.LogDestinationType }),
		"deliver-log-status":   one(func(o *ec2api.FlowLog) *string { return o.DeliverLogsStatus }),
	},
}

func describeFlowLogs(v view, in *ec2api.DescribeFlowLogsRequest) (*ec2api.DescribeFlowLogsResult, error) {
	page, next, err := listed(v, FlowLogs, v.flowLog, flowLogCatalog, query{in.FlowLogIds, in.Filter, in.MaxResults, in.NextToken})
	return &ec2api.DescribeFlowLogsResult{FlowLogs: page, NextToken: next}, err
}
