package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"time"
)

const perSecond = 50

// pages asks for what the studio's pages ask for, at a team's pace.
func (m *machine) pages(ctx context.Context, t *table, crm *process, ws workspace, steady time.Duration) error {
	api := crm.url + "/api/v1"
	people, err := ids(ctx, api+"/people?limit=100", ws.cookie)
	if err != nil {
		return err
	}
	pipelines, err := ids(ctx, api+"/pipelines", ws.cookie)
	if err != nil {
		return err
	}
	var timelines []string
	for _, id := range people {
		timelines = append(timelines, api+"/people/"+id+"/timeline")
	}
	for _, page := range []struct {
		name string
		urls []string
	}{
		{"list of people", []string{api + "/people?limit=50", api + "/people?limit=50&sort=name", api + "/people?limit=50&sort=-updatedAt"}},
		{"board", []string{api + "/deals/board?pipelineId=" + pipelines[0]}},
		{"timeline", timelines},
		{"search", []string{api + "/search?q=ada", api + "/search?q=north+log", api + "/search?q=sofia+ro", api + "/search?q=zo"}},
	} {
		if _, err := steadily(ctx, page.urls, ws.cookie, perSecond, time.Second); err != nil { // warm
			return fmt.Errorf("%s: %w", page.name, err)
		}
		took, err := steadily(ctx, page.urls, ws.cookie, perSecond, steady)
		if err != nil {
			return fmt.Errorf("%s: %w", page.name, err)
		}
		t.add(page.name+", p95 at 50 requests a second", float64(quantile(took, 0.95).Microseconds())/1000, "ms", "under 150", 150)
		t.add(page.name+", p50", float64(quantile(took, 0.5).Microseconds())/1000, "ms", "", 0)
	}
	return nil
}

// ids are those of a list's items.
func ids(ctx context.Context, url, cookie string) ([]string, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return nil, err
	}
	request.Header.Set("Cookie", cookie)
	response, err := client.Do(request)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	var list struct{ Items []struct{ ID string } }
	if err := json.NewDecoder(response.Body).Decode(&list); err != nil || len(list.Items) == 0 {
		return nil, fmt.Errorf("%s: %s, %d items, %w", url, response.Status, len(list.Items), err)
	}
	var all []string
	for _, item := range list.Items {
		all = append(all, item.ID)
	}
	return all, nil
}
