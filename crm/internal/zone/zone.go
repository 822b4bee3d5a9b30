// Package zone turns days of the calendar into moments, by the clocks of a
// place, also where those change: twice a year, by an hour or by half of one,
// and in some places at midnight, so that a day there begins at one.
//
// A day is a time.Time at midnight in UTC, whatever the place: so days can be
// counted without any clock.
package zone

import (
	"fmt"
	"time"

	_ "time/tzdata" // zones work in an image without any
)

// Load reads a name of the IANA's; none is UTC.
func Load(name string) (*time.Location, error) {
	if name == "" {
		return time.UTC, nil
	}
	if len(name) > 64 || name == "Local" {
		return nil, fmt.Errorf("zone %.64q: not known", name)
	}
	return time.LoadLocation(name)
}

// Today is the day that a place's calendar shows at a moment.
func Today(now time.Time, in *time.Location) time.Time {
	local := now.In(in)
	return Day(local.Year(), local.Month(), local.Day())
}

// Day is a day of the calendar; a 0th or a 32nd is counted on, as time.Date does.
func Day(year int, month time.Month, day int) time.Time {
	return time.Date(year, month, day, 0, 0, 0, 0, time.UTC)
}

// Begins is the first moment of a day.
func Begins(day time.Time, in *time.Location) time.Time { return At(day, 0, 0, in) }

// At is the moment at which the clocks of a place show a time on a day. Of a
// time that comes twice (clocks go back) it is the first; one that does not
// come at all (clocks go forward) is as much later as they skip.
func At(day time.Time, hour, minute int, in *time.Location) time.Time {
	shown := time.Date(day.Year(), day.Month(), day.Day(), hour, minute, 0, 0, time.UTC)
	guess := shown.Add(-offset(shown.Add(-24*time.Hour), in)) // by the rules of the day before
	if shows(guess, shown, in) {
		return guess.UTC()
	}
	if other := shown.Add(-offset(guess, in)); shows(other, shown, in) {
		return other.UTC()
	}
	return guess.UTC()
}

func offset(at time.Time, in *time.Location) time.Duration {
	_, seconds := at.In(in).Zone()
	return time.Duration(seconds) * time.Second
}

func shows(at, shown time.Time, in *time.Location) bool {
	local := at.In(in)
	return local.Day() == shown.Day() && local.Hour() == shown.Hour() && local.Minute() == shown.Minute()
}
