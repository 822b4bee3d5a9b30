package route53

import (
	"cmp"
	"context"
	"slices"

	"apex/internal/api"
	"apex/internal/api/route53api"
)

var continents = map[string]string{
	"AF": "Africa", "AN": "Antarctica", "AS": "Asia", "EU": "Europe", "NA": "North America", "OC": "Oceania", "SA": "South America",
}

var countries = map[string]string{
	"AE": "United Arab Emirates", "AU": "Australia", "BH": "Bahrain", "BR": "Brazil", "CA": "Canada", "CH": "Switzerland",
	"DE": "Germany", "ES": "Spain", "FR": "France", "GB": "United Kingdom", "HK": "Hong Kong", "ID": "Indonesia",
	"IE": "Ireland", "IL": "Israel", "IN": "India", "IT": "Italy", "JP": "Japan", "KR": "South Korea", "SE": "Sweden",
	"SG": "Singapore", "US": "United States", "ZA": "South Africa",
}

var subdivisions = map[string]string{"CA": "California", "OH": "Ohio", "OR": "Oregon", "VA": "Virginia"}

// places lists what locations can be told apart: the continents, then the
// countries and states with a region.
func places() []route53api.GeoLocationDetails {
	all := []route53api.GeoLocationDetails{{CountryCode: api.Ptr("*"), CountryName: api.Ptr("Default")}}
	for code, name := range continents {
		all = append(all, route53api.GeoLocationDetails{ContinentCode: &code, ContinentName: &name})
	}
	for code, name := range countries {
		all = append(all, route53api.GeoLocationDetails{CountryCode: &code, CountryName: &name})
	}
	for code, name := range subdivisions {
		all = append(all, route53api.GeoLocationDetails{
			CountryCode: api.Ptr("US"), CountryName: api.Ptr("United States"), SubdivisionCode: &code, SubdivisionName: &name,
		})
	}
	slices.SortFunc(all, func(a, b route53api.GeoLocationDetails) int { return cmp.Compare(placeKey(&a), placeKey(&b)) })
	return all
}

// placeKey sorts continents first.
func placeKey(d *route53api.GeoLocationDetails) string {
	return placeName(d.ContinentCode, d.CountryCode, d.SubdivisionCode)
}

func placeName(continent, country, subdivision *string) string {
	if continent != nil {
		return "1 " + *continent
	}
	return "2 " + api.Val(country) + " " + api.Val(subdivision)
}

func (s *Service) getGeoLocation(_ context.Context, _ *api.Call, in *route53api.GetGeoLocationRequest) (*route53api.GetGeoLocationResponse, error) {
	wanted := placeName(in.ContinentCode, in.CountryCode, in.SubdivisionCode)
	for _, d := range places() {
		if placeKey(&d) == wanted {
			return &route53api.GetGeoLocationResponse{GeoLocationDetails: &d}, nil
		}
	}
	return nil, route53api.NewNoSuchGeoLocation("The specified geographic location is not known in this region.")
}

func (s *Service) listGeoLocations(_ context.Context, _ *api.Call, in *route53api.ListGeoLocationsRequest) (*route53api.ListGeoLocationsResponse, error) {
	limit, err := pageSize(in.MaxItems, 100)
	if err != nil {
		return nil, err
	}
	var start *string
	if in.StartContinentCode != nil || in.StartCountryCode != nil {
		start = api.Ptr(placeName(in.StartContinentCode, in.StartCountryCode, in.StartSubdivisionCode))
	}
	all := places()
	shown, next := page(all, placeKey, start, limit)
	out := &route53api.ListGeoLocationsResponse{GeoLocationDetailsList: shown, IsTruncated: api.Ptr(next != nil), MaxItems: countText(limit)}
	if next != nil {
		after := all[slices.IndexFunc(all, func(d route53api.GeoLocationDetails) bool { return placeKey(&d) == *next })]
		out.NextContinentCode, out.NextCountryCode, out.NextSubdivisionCode = after.ContinentCode, after.CountryCode, after.SubdivisionCode
	}
	return out, nil
}
