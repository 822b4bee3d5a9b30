package elasticache

import (
	"slices"
	"strings"

	"apex/internal/api"
	"apex/internal/api/elasticacheapi"
)

// withLogs returns the deliveries after a request, in order of their types.
func withLogs(have []LogDelivery, asked []elasticacheapi.LogDeliveryConfigurationRequest) []LogDelivery {
	out := slices.Clone(have)
	for _, r := range asked {
		l := LogDelivery{Type: api.Val(r.LogType), Format: api.Val(r.LogFormat), Kind: api.Val(r.DestinationType)}
		if d := r.DestinationDetails; d != nil && d.CloudWatchLogsDetails != nil {
			l.Destination = api.Val(d.CloudWatchLogsDetails.LogGroup)
		} else if d != nil && d.KinesisFirehoseDetails != nil {
			l.Destination = api.Val(d.KinesisFirehoseDetails.DeliveryStream)
		}
		out = slices.DeleteFunc(out, func(old LogDelivery) bool { return old.Type == l.Type })
		if api.Or(r.Enabled, true) {
			out = append(out, l)
		}
	}
	slices.SortFunc(out, func(a, b LogDelivery) int { return strings.Compare(a.Type, b.Type) })
	return out
}

func checkLogs(all []LogDelivery) error {
	for _, l := range all {
		if l.Destination == "" || l.Format == "" || l.Kind == "" {
			return combination("The log delivery configuration of %s lacks its format or destination.", l.Type)
		}
	}
	return nil
}

func describeLogs(all []LogDelivery) []elasticacheapi.LogDeliveryConfiguration {
	out := []elasticacheapi.LogDeliveryConfiguration{}
	for _, l := range all {
		d := elasticacheapi.LogDeliveryConfiguration{
			LogType: api.Ptr(l.Type), LogFormat: api.Ptr(l.Format), DestinationType: api.Ptr(l.Kind), Status: api.Ptr("active"), DestinationDetails: &elasticacheapi.DestinationDetails{},
		}
		if l.Kind == elasticacheapi.DestinationTypeCloudwatchLogs {
			d.DestinationDetails.CloudWatchLogsDetails = &elasticacheapi.CloudWatchLogsDestinationDetails{LogGroup: api.Ptr(l.Destination)}
		} else {
			d.DestinationDetails.KinesisFirehoseDetails = &elasticacheapi.KinesisFirehoseDestinationDetails{DeliveryStream: api.Ptr(l.Destination)}
		}
		out = append(out, d)
	}
	return out
}
