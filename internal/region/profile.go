package region

import (
	"time"

	"apex/internal/service"
)

// timings are those that the home's region runs with.
func (h Home) timings() service.Profile {
	if h.Profile == "aws" {
		return service.AWS()
	}
	return service.Fast()
}

// AlarmPeriod is what the home's region makes of an alarm's period.
func (h Home) AlarmPeriod(d time.Duration) time.Duration { return h.timings().Period(d) }

// Cooldown is what the home's region makes of a cooldown of scaling.
func (h Home) Cooldown(d time.Duration) time.Duration { return h.timings().CooldownFor(d) }
