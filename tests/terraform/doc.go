// Package terraform runs Terraform itself, with AWS's own provider, against a
// real region. Each folder of testdata is one configuration and goes through
// the gates of a whole life-cycle: what was planned is made, a second plan is
// empty, refreshing changes nothing, an update replaces nothing that AWS would
// not replace, every resource can be imported, and destroying leaves nothing.
//
// A folder holds the configuration with its variables' defaults, and
// update.tfvars with the values of the update. A line
//
//	# replaces: aws_ecs_task_definition aws_lb_listener.extra
//
// in update.tfvars names types or addresses that the update replaces or removes.
// Files of a folder named update take the place of those of the same names then.
// Beside each configuration lie certificate-0.pem and certificate-1.pem with
// their keys, made for the run.
// Types that are imported by another id than "id", and attributes that no API
// gives back, are in importid_test.go. One folder alone:
//
//	go test ./tests/terraform -v -run TestServices/logs
package terraform
