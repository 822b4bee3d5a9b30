package config

import (
	"net"
	"net/url"
	"strconv"
	"strings"
)

// Telemetry says where metrics are read and traces are sent.
type Telemetry struct {
	Metrics   string  // address of GET /metrics, "" for none
	Collector string  // of traces by OTLP over HTTP, "" for none
	Share     float64 // of traces that are sent; those with an error always are
}

func (r *reader) telemetry() Telemetry {
	t := Telemetry{Metrics: r.text("METRICS_ADDRESS", ""), Collector: strings.TrimRight(r.text("OTEL_EXPORTER_OTLP_ENDPOINT", ""), "/"), Share: 0.05}
	if _, _, err := net.SplitHostPort(t.Metrics); t.Metrics != "" && err != nil {
		r.fault("METRICS_ADDRESS", "%q is not an address such as 127.0.0.1:9464", t.Metrics)
	}
	if u, err := url.Parse(t.Collector); t.Collector != "" && (err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https") {
		r.fault("OTEL_EXPORTER_OTLP_ENDPOINT", "is not an http:// or https:// URL")
	}
	if v := r.text("OTEL_TRACES_SAMPLER_ARG", ""); v != "" {
		share, err := strconv.ParseFloat(v, 64)
		if err != nil || share < 0 || share > 1 {
			r.fault("OTEL_TRACES_SAMPLER_ARG", "%q is not a share from 0 to 1", v)
		}
		t.Share = share
	}
	return t
}
