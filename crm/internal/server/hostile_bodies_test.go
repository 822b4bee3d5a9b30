package server

// wellMade are bodies that operations take; <people> is the id of one.
var wellMade = []struct {
	patterns []string
	body     string
}{
	{[]string{"POST /people", "PATCH /people/{id}"}, `{"firstName":"Hostile","custom":{"h_num":1,"h_money":{"amountMinor":1,"currency":"EUR"},"h_day":"2026-01-02","h_one":"A","h_many":["A"],"h_yes":true,"h_url":"https://x.example","h_who":null,"h_text":"x"}}`},
	{[]string{"POST /companies"}, `{"name":"Hostile"}`},
	{[]string{"POST /deals"}, `{"title":"Hostile","pipelineId":"<pipelines>"}`},
	{[]string{"POST /tasks"}, `{"title":"Hostile"}`},
	{[]string{"POST /activities"}, `{"type":"note","body":"Hostile","links":[{"kind":"person","id":"<people>"}]}`},
	{[]string{"POST /templates"}, `{"name":"Hostile","subject":"x","text":"y"}`},
	{[]string{"POST /tags"}, `{"name":"Hostile","kind":"person"}`},
	{[]string{"POST /views"}, `{"kind":"person","name":"Hostile"}`},
	{[]string{"POST /fields"}, `{"kind":"company","label":"Hostile","type":"text"}`},
	{[]string{"POST /keys"}, `{"name":"Hostile","scopes":["people:read"]}`},
	{[]string{"POST /invites"}, `{"role":"viewer"}`},
	{[]string{"POST /webhooks"}, `{"url":"https://hook.example/in","events":["person.*"]}`},
	{[]string{"POST /emails", "POST /emails/preview"}, `{"to":"hostile@x.example","subject":"x","text":"y","target":{"kind":"person","id":"<people>"}}`},
	{[]string{"POST /exports"}, `{"kind":"people","format":"csv"}`},
	{[]string{"POST /pipelines"}, `{"name":"Hostile","currency":"EUR","stages":[{"name":"In","probability":10,"kind":"open"},{"name":"Won","probability":100,"kind":"won"},{"name":"Lost","probability":0,"kind":"lost"}]}`},
	{[]string{"POST /people/bulk"}, `{"ids":["<people>"],"set":{"title":"x"}}`},
	{[]string{"POST /companies/bulk"}, `{"ids":["<companies>"],"set":{"industry":"x"}}`},
	{[]string{"POST /deals/bulk"}, `{"filter":{"f":"title","op":"=","v":"none"},"addTags":["x"]}`},
	{[]string{"POST /ai/query"}, `{"question":"my open deals"}`},
	{[]string{"POST /ai/summary", "POST /ai/extract", "POST /ai/draft-email"}, `{"kind":"person","id":"<people>"}`},
	{[]string{"POST /workspaces"}, `{"name":"Hostile"}`},
	{[]string{"POST /mcp"}, `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"search","arguments":{"query":"x"}}}`},
}
