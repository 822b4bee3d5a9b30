package cloudwatch

import "apex/internal/controller"

// Controllers returns what keeps the service's resources true.
func (s *Service) Controllers() []controller.Controller { return nil }
