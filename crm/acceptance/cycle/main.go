//go:build generated

// Command cycle makes, reads, changes, lists, deletes and restores a person
// with nothing but a client that was generated from the API's description. The
// package client exists only while TestF10 builds this.
package main

import (
	"context"
	"fmt"
	"log"
	"net/http"
	"os"

	_ "github.com/oapi-codegen/runtime" // what generated clients need

	"apexai/crm/acceptance/cycle/client"
)

func main() {
	log.SetFlags(0)
	authorised := client.WithRequestEditorFn(func(_ context.Context, r *http.Request) error {
		r.Header.Set("Authorization", "Bearer "+os.Getenv("CRM_KEY"))
		return nil
	})
	c, err := client.NewClientWithResponses(os.Getenv("CRM_URL"), authorised)
	if err != nil {
		log.Fatal(err)
	}
	if err := cycle(context.Background(), c); err != nil {
		log.Fatal(err)
	}
	fmt.Println("cycle done")
}

func cycle(ctx context.Context, c *client.ClientWithResponses) error {
	first, once, title := "Generated", "f10-once", "Chief of clients"
	made, err := c.PostPeopleWithResponse(ctx, &client.PostPeopleParams{IdempotencyKey: &once}, client.PeopleDraft{FirstName: &first})
	if err != nil || made.JSON201 == nil {
		return fmt.Errorf("create: %v %s", err, made.Body)
	}
	again, err := c.PostPeopleWithResponse(ctx, &client.PostPeopleParams{IdempotencyKey: &once}, client.PeopleDraft{FirstName: &first})
	if err != nil || again.JSON201 == nil || again.JSON201.Id != made.JSON201.Id {
		return fmt.Errorf("create again: %v %s", err, again.Body)
	}
	who := made.JSON201.Id
	read, err := c.GetPeopleByIdWithResponse(ctx, who)
	if err != nil || read.JSON200 == nil || read.JSON200.FirstName != first {
		return fmt.Errorf("read: %v %s", err, read.Body)
	}
	tag := read.HTTPResponse.Header.Get("ETag")
	changed, err := c.PatchPeopleByIdWithApplicationMergePatchPlusJSONBodyWithResponse(ctx, who, &client.PatchPeopleByIdParams{IfMatch: tag}, client.PeoplePatch{Title: &title})
	if err != nil || changed.JSON200 == nil || changed.JSON200.Title != title {
		return fmt.Errorf("change: %v %s", err, changed.Body)
	}
	stale, err := c.PatchPeopleByIdWithApplicationMergePatchPlusJSONBodyWithResponse(ctx, who, &client.PatchPeopleByIdParams{IfMatch: tag}, client.PeoplePatch{Title: &first})
	if err != nil || stale.ApplicationproblemJSON412 == nil {
		return fmt.Errorf("change of an old version: %v %s", err, stale.Body)
	}
	return list(ctx, c, changed.JSON200)
}

func list(ctx context.Context, c *client.ClientWithResponses, person *client.Person) error {
	words := person.FirstName
	found, err := c.GetPeopleWithResponse(ctx, &client.GetPeopleParams{Q: &words})
	if err != nil || found.JSON200 == nil || len(found.JSON200.Items) != 1 || found.JSON200.Items[0].Id != person.Id {
		return fmt.Errorf("list: %v %s", err, found.Body)
	}
	gone, err := c.DeletePeopleByIdWithResponse(ctx, person.Id, &client.DeletePeopleByIdParams{IfMatch: fmt.Sprintf(`"v%d"`, person.Version)})
	if err != nil || gone.StatusCode() != http.StatusNoContent {
		return fmt.Errorf("delete: %v %s", err, gone.Body)
	}
	back, err := c.PostPeopleByIdRestoreWithResponse(ctx, person.Id, &client.PostPeopleByIdRestoreParams{})
	if err != nil || back.JSON200 == nil {
		return fmt.Errorf("restore: %v %s", err, back.Body)
	}
	return nil
}
