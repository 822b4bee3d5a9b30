package terraform

import (
	"fmt"
	"slices"
	"strings"
)

// notImported are types that the provider cannot import.
var notImported = []string{
	"aws_acm_certificate_validation", "aws_appautoscaling_scheduled_action", "aws_iam_group_membership", "aws_iam_policy_attachment", "aws_kms_ciphertext", "aws_kms_external_key",
	"aws_lb_target_group_attachment", "aws_main_route_table_association", "aws_s3_object_copy", "terraform_data", "time_sleep",
}

// importIDs makes the id by which a type is imported where it is not the
// attribute "id". Words in braces are attributes; "{cluster:name}" is the last
// part of an ARN.
var importIDs = map[string]string{
	"aws_appautoscaling_policy":                "{service_namespace}/{resource_id}/{scalable_dimension}/{name}",
	"aws_appautoscaling_target":                "{service_namespace}/{resource_id}/{scalable_dimension}",
	"aws_cloudwatch_event_target":              "{event_bus_name}/{rule}/{target_id}",
	"aws_cloudwatch_log_account_policy":        "{policy_name}:{policy_type}",
	"aws_cloudwatch_log_metric_filter":         "{log_group_name}:{name}",
	"aws_cloudwatch_log_stream":                "{log_group_name}:{name}",
	"aws_cloudwatch_log_subscription_filter":   "{log_group_name}|{name}",
	"aws_cloudwatch_query_definition":          "arn:aws:logs:us-east-1:000000000000:query-definition:{id}",
	"aws_default_route_table":                  "{vpc_id}",
	"aws_ecs_account_setting_default":          "{name}",
	"aws_ecs_cluster":                          "{name}",
	"aws_ecs_service":                          "{cluster:name}/{name}",
	"aws_ecs_task_definition":                  "{arn}",
	"aws_elasticache_user_group_association":   "{user_group_id},{user_id}",
	"aws_iam_group_policy_attachment":          "{group}/{policy_arn}",
	"aws_iam_role_policy_attachment":           "{role}/{policy_arn}",
	"aws_iam_user_policy_attachment":           "{user}/{policy_arn}",
	"aws_kms_grant":                            "{key_id}:{grant_id}",
	"aws_scheduler_schedule":                   "{group_name}/{name}",
	"aws_vpc_dhcp_options_association":         "{vpc_id}",
	"aws_network_interface_sg_attachment":      "{network_interface_id}_{security_group_id}",
	"aws_network_acl_rule":                     "{network_acl_id}:{rule_number}:{protocol}:{egress}",
	"aws_route_table_association":              "{subnet_id}/{route_table_id}",
	"aws_s3_object":                            "{bucket}/{key}",
	"aws_vpc_endpoint_route_table_association": "{vpc_endpoint_id}/{route_table_id}",
	"aws_vpc_endpoint_subnet_association":      "{vpc_endpoint_id}/{subnet_id}",
	"aws_wafv2_ip_set":                         "{id}/{name}/{scope}",
	"aws_wafv2_regex_pattern_set":              "{id}/{name}/{scope}",
	"aws_wafv2_rule_group":                     "{id}/{name}/{scope}",
	"aws_wafv2_web_acl":                        "{id}/{name}/{scope}",
}

// unread are attributes that no API gives back: after an import Terraform takes
// them from the configuration. Those under "" belong to every type.
var unread = map[string][]string{
	"": {
		"force_destroy", "skip_destroy", "timeouts", "apply_immediately", "skip_final_snapshot", "final_snapshot_identifier", "delete_automated_backups",
		"force_delete", "force_overwrite_replica_secret", "recovery_window_in_days", "force_detach_policies", "allow_overwrite", "revoke_rules_on_delete",
		"tags_all", "deletion_window_in_days", "bypass_policy_lockout_safety_check", "password", "auth_token", "auth_token_update_strategy",
	},
	"aws_db_instance":                        {"manage_master_user_password", "allow_major_version_upgrade", "engine_version"},
	"aws_db_option_group":                    {"option"},
	"aws_elasticache_replication_group":      {"notification_topic_arn"},
	"aws_elasticache_user":                   {"no_password_required", "passwords", "authentication_mode"},
	"aws_rds_cluster":                        {"master_password", "manage_master_user_password", "allow_major_version_upgrade", "engine_version", "enable_global_write_forwarding", "enable_local_write_forwarding"},
	"aws_acm_certificate":                    {"private_key", "certificate_body", "certificate_chain"},
	"aws_cloudfront_function":                {"publish"},
	"aws_cloudwatch_log_group":               {"name_prefix"},
	"aws_cloudwatch_log_subscription_filter": {"role_arn"},
	"aws_eip":                                {"associate_with_private_ip"},
	"aws_vpc_peering_connection":             {"auto_accept"},
	"aws_vpc_peering_connection_accepter":    {"auto_accept"},
	"aws_ecs_service":                        {"task_definition", "wait_for_steady_state", "force_new_deployment", "sigint_rollback", "triggers"},
	"aws_ecs_task_definition":                {"track_latest"},
	"aws_lb_listener_rule":                   {"action"}, // with a client secret
	"aws_lb_trust_store":                     {"ca_certificates_bundle_s3_bucket", "ca_certificates_bundle_s3_key", "ca_certificates_bundle_s3_object_version"},
	"aws_s3_object":                          {"source", "content", "content_base64", "source_hash", "acl"},
	"aws_secretsmanager_secret_policy":       {"block_public_policy"},
	"aws_secretsmanager_secret_version":      {"secret_string_wo", "secret_string_wo_version"},
	"aws_sns_topic_subscription":             {"confirmation_timeout_in_minutes", "endpoint_auto_confirms"},
	"aws_ssm_parameter":                      {"overwrite", "insecure_value", "value_wo_version"},
}

func unreadable(typ, attribute string) bool {
	return slices.Contains(unread[""], attribute) || slices.Contains(unread[typ], attribute)
}

// importID returns the id by which the resource is imported, "" for none.
func importID(r resource) string {
	if slices.Contains(notImported, r.Type) {
		return ""
	}
	switch r.Type {
	case "aws_route":
		return text(r, "route_table_id") + "_" + text(r, "destination_cidr_block") + text(r, "destination_ipv6_cidr_block") + text(r, "destination_prefix_list_id")
	case "aws_vpc_endpoint_security_group_association":
		return text(r, "vpc_endpoint_id") + "/" + text(r, "security_group_id")
	case "aws_security_group_rule":
		return ruleID(r)
	case "aws_iam_user_group_membership":
		return text(r, "user") + "/" + strings.Join(texts(r, "groups"), "/")
	}
	pattern, ok := importIDs[r.Type]
	if !ok {
		return text(r, "id")
	}
	for name := range r.Values {
		pattern = strings.ReplaceAll(pattern, "{"+name+"}", text(r, name))
		arn := text(r, name)
		pattern = strings.ReplaceAll(pattern, "{"+name+":name}", arn[strings.LastIndexByte(arn, '/')+1:])
	}
	return pattern
}

// ruleID is the id of a rule of a security group: group, kind, protocol, ports, sources.
func ruleID(r resource) string {
	parts := []string{text(r, "security_group_id"), text(r, "type"), text(r, "protocol"), text(r, "from_port"), text(r, "to_port")}
	for _, list := range []string{"cidr_blocks", "ipv6_cidr_blocks", "prefix_list_ids"} {
		parts = append(parts, texts(r, list)...)
	}
	if source := text(r, "source_security_group_id"); source != "" {
		parts = append(parts, source)
	}
	if r.Values["self"] == true {
		parts = append(parts, "self")
	}
	return strings.Join(parts, "_")
}

// text returns an attribute as text, "" where it is null.
func text(r resource, name string) string {
	if v := r.Values[name]; v != nil {
		return fmt.Sprint(v)
	}
	return ""
}

func texts(r resource, name string) (list []string) {
	values, _ := r.Values[name].([]any)
	for _, v := range values {
		list = append(list, fmt.Sprint(v))
	}
	return list
}
