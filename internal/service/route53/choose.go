package route53

import (
	"slices"
	"strings"

	"apex/internal/api"
	"apex/internal/api/route53api"
)

// mostAnswers is how many values a multivalue answer has at most.
const mostAnswers = 8

// choose returns the record sets of one name and type that a region's resolvers
// may answer with now: one, or several by whose weights they choose, or those
// whose values they give together. healthy says what the health checks say of a
// record set; where none is healthy all are taken for healthy, as Route 53 does.
func choose(sets []route53api.ResourceRecordSet, region string, healthy func(*route53api.ResourceRecordSet) bool) []route53api.ResourceRecordSet {
	var well []route53api.ResourceRecordSet
	for i := range sets {
		if healthy(&sets[i]) {
			well = append(well, sets[i])
		}
	}
	first := &sets[0]
	switch {
	case first.Failover != nil:
		return failover(sets, well)
	case first.Weight != nil:
		return weighted(orAll(well, sets))
	case first.Region != nil, first.GeoProximityLocation != nil:
		return nearest(orAll(well, sets), region)
	case first.GeoLocation != nil:
		return located(sets, well, region)
	}
	return orAll(well, sets)
}

func orAll(well, sets []route53api.ResourceRecordSet) []route53api.ResourceRecordSet {
	if len(well) == 0 {
		return sets
	}
	return well
}

// failover returns the primary if it is well or none is.
func failover(sets, well []route53api.ResourceRecordSet) []route53api.ResourceRecordSet {
	for _, from := range [][]route53api.ResourceRecordSet{well, sets} {
		for _, role := range []string{route53api.ResourceRecordSetFailoverPrimary, route53api.ResourceRecordSetFailoverSecondary} {
			if i := slices.IndexFunc(from, func(r route53api.ResourceRecordSet) bool { return api.Val(r.Failover) == role }); i >= 0 {
				return from[i : i+1]
			}
		}
	}
	return nil
}

// weighted leaves out those of weight 0, unless all are.
func weighted(sets []route53api.ResourceRecordSet) []route53api.ResourceRecordSet {
	var out []route53api.ResourceRecordSet
	for _, r := range sets {
		if api.Val(r.Weight) > 0 {
			out = append(out, r)
		}
	}
	return orAll(out, sets)
}

// nearest returns the record set of the region itself, else of its part of the
// world, else the first by name.
func nearest(sets []route53api.ResourceRecordSet, region string) []route53api.ResourceRecordSet {
	best, distance := 0, 3
	for i := range sets {
		if d := distanceOf(regionOf(&sets[i]), region); d < distance {
			best, distance = i, d
		}
	}
	return sets[best : best+1]
}

func regionOf(r *route53api.ResourceRecordSet) string {
	if g := r.GeoProximityLocation; g != nil {
		return strings.TrimPrefix(api.Val(g.AWSRegion), "aws:route53:")
	}
	return api.Val(r.Region)
}

func distanceOf(a, b string) int {
	part, _, _ := strings.Cut(a, "-")
	other, _, _ := strings.Cut(b, "-")
	switch {
	case a == b:
		return 0
	case part == other && part != "":
		return 1
	}
	return 2
}

// located returns the record set of the smallest place that holds the region and
// is well; one that is not well leaves the answer to a larger place.
func located(sets, well []route53api.ResourceRecordSet, region string) []route53api.ResourceRecordSet {
	for _, from := range [][]route53api.ResourceRecordSet{well, sets} {
		for _, place := range placesOf(region) {
			if i := slices.IndexFunc(from, func(r route53api.ResourceRecordSet) bool { return placeOf(&r) == "location "+place }); i >= 0 {
				return from[i : i+1]
			}
		}
	}
	return nil
}

// placesOf are the places that hold a region, the smallest first, as placeOf
// writes them.
func placesOf(region string) []string {
	at, known := seats[region]
	if !known {
		return []string{"/*/"}
	}
	places := []string{"/" + at.country + "/", at.continent + "//", "/*/"}
	if at.subdivision != "" {
		places = append([]string{"/" + at.country + "/" + at.subdivision}, places...)
	}
	return places
}

// A seat is where a region's data centres are.
type seat struct{ continent, country, subdivision string }

var seats = map[string]seat{
	"us-east-1":      {"NA", "US", "VA"},
	"us-east-2":      {"NA", "US", "OH"},
	"us-west-1":      {"NA", "US", "CA"},
	"us-west-2":      {"NA", "US", "OR"},
	"ca-central-1":   {"NA", "CA", ""},
	"ca-west-1":      {"NA", "CA", ""},
	"sa-east-1":      {"SA", "BR", ""},
	"eu-west-1":      {"EU", "IE", ""},
	"eu-west-2":      {"EU", "GB", ""},
	"eu-west-3":      {"EU", "FR", ""},
	"eu-central-1":   {"EU", "DE", ""},
	"eu-central-2":   {"EU", "CH", ""},
	"eu-north-1":     {"EU", "SE", ""},
	"eu-south-1":     {"EU", "IT", ""},
	"eu-south-2":     {"EU", "ES", ""},
	"af-south-1":     {"AF", "ZA", ""},
	"ap-east-1":      {"AS", "HK", ""},
	"ap-south-1":     {"AS", "IN", ""},
	"ap-south-2":     {"AS", "IN", ""},
	"ap-northeast-1": {"AS", "JP", ""},
	"ap-northeast-2": {"AS", "KR", ""},
	"ap-northeast-3": {"AS", "JP", ""},
	"ap-southeast-1": {"AS", "SG", ""},
	"ap-southeast-2": {"OC", "AU", ""},
	"ap-southeast-3": {"AS", "ID", ""},
	"ap-southeast-4": {"OC", "AU", ""},
	"me-south-1":     {"AS", "BH", ""},
	"me-central-1":   {"AS", "AE", ""},
	"il-central-1":   {"AS", "IL", ""},
}
