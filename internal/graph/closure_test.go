package graph

import "testing"

func TestClosureHoldsWhatItRefersTo(t *testing.T) {
	g := Graph{Stack: "shop", Resources: []Resource{
		VPC{Meta: Meta{ID: "VPC"}},
		Repository{Meta: Meta{ID: "Repository/web"}},
		Image{Meta: Meta{ID: "Image/web"}, Repository: "Repository/web"},
		TaskDefinition{Meta: Meta{ID: "TaskDefinition/web"}, Image: "Image/web"},
		TaskDefinition{Meta: Meta{ID: "TaskDefinition/other"}},
	}}
	got := ""
	for _, r := range g.Closure("TaskDefinition/web", "TaskDefinition/web").Resources {
		got += string(r.Base().ID) + " "
	}
	if want := "Repository/web Image/web TaskDefinition/web "; got != want {
		t.Errorf("closure is %s, want %s", got, want)
	}
}
