package server

import "testing"

// finds holds until a search finds what it should, by the names of today only.
func (c client) finds(query, want string) {
	c.t.Helper()
	eventually(c.t, query+" finds "+want, func() bool { return c.titles("q="+query) == want })
}

// A deal is found by the names of its stage, its company and its first
// contact; when one of these has another name, by that.
func TestDealsAreFoundByNewNames(t *testing.T) {
	c := member(t, "renamed", "admin")
	pipeline, ids := c.pipeline("Renamed", "Zwischenlager", "Offer")
	contact, link := c.addRecord("people", "person", object{"firstName": "Quentin", "lastName": "Zweig"})
	for range 3 {
		c.deal("Turbine", ids["Zwischenlager"], object{"primaryPersonId": link["id"]})
	}
	c.deal("Pump", ids["Offer"], nil)
	c.finds("turbine+zwischenlager", "Turbine, Turbine, Turbine")
	way := c.do("GET", "/api/v1/pipelines/"+pipeline, nil).want(200)
	stages := objects(way.body["stages"])
	stages[0]["name"] = "Prüfstand"
	c.do("PATCH", "/api/v1/pipelines/"+pipeline, object{"stages": stages}, "If-Match: "+way.etag()).want(200)
	c.finds("turbine+prufstand", "Turbine, Turbine, Turbine")
	c.finds("zwischenlager", "")
	c.finds("pump+offer", "Pump")
	c.do("PATCH", contact, object{"lastName": "Ypsilon"}, `If-Match: "v1"`).want(200)
	c.finds("turbine+ypsilon", "Turbine, Turbine, Turbine")
	c.finds("turbine+zweig", "")
	c.do("DELETE", contact, nil, `If-Match: "v2"`).want(204)
	c.finds("turbine+ypsilon", "")
	c.do("POST", contact+"/restore", nil).want(200)
	c.finds("turbine+ypsilon", "Turbine, Turbine, Turbine")
}

// What a record got from one that was merged into it is found by its name.
func TestMergedIsFoundByTheNameThatIsLeft(t *testing.T) {
	c := member(t, "found-merged", "admin")
	_, ids := c.pipeline("Merged", "Lead")
	mine := c.do("POST", "/api/v1/companies", object{"name": "Xylocorp"}).want(201)
	theirs := c.do("POST", "/api/v1/companies", object{"name": "Wavecorp"}).want(201)
	who := c.do("POST", "/api/v1/people", object{"firstName": "Victor", "companyId": theirs.text("id")}).want(201)
	other := c.do("POST", "/api/v1/people", object{"firstName": "Ulrike"}).want(201)
	c.deal("Sails", ids["Lead"], object{"companyId": theirs.text("id"), "primaryPersonId": who.text("id")})
	merged := c.do("POST", "/api/v1/companies/"+mine.text("id")+"/merge", object{"with": theirs.text("id")}, "If-Match: "+mine.etag()).want(200)
	c.finds("victor+xylocorp&types=person", "Victor")
	c.finds("sails+xylocorp", "Sails")
	c.do("POST", "/api/v1/merges/"+merged.text("id")+"/undo", nil).want(200)
	c.finds("victor+wavecorp&types=person", "Victor")
	c.finds("sails+wavecorp", "Sails")
	c.finds("victor+xylocorp&types=person", "")
	c.do("POST", "/api/v1/people/"+other.text("id")+"/merge", object{"with": who.text("id")}, "If-Match: "+other.etag()).want(200)
	c.finds("sails+ulrike", "Sails")
}
