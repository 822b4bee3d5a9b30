package ecr

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/ecr"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-containerregistry/pkg/crane"
	"pgregory.net/rapid"

	"apex/internal/dataplane/registry"
	"apex/internal/service/servicetest"
	"apex/internal/store"
)

const keepTen = `{"rules":[{"rulePriority":1,"description":"keep last 10 images","selection":{"tagStatus":"any","countType":"imageCountMoreThan","countNumber":10},"action":{"type":"expire"}}]}`

var epoch = time.Date(2026, 1, 31, 0, 0, 0, 0, time.UTC)

// images makes images of the form "tag,tag/age in days"; the first is "0".
func imagesFrom(texts ...string) []Image {
	var all []Image
	for i, text := range texts {
		tags, age, _ := strings.Cut(text, "/")
		var days int
		fmt.Sscan(age, &days)
		image := Image{Key: fmt.Sprint(i), Spec: ImageSpec{
			Digest: registry.Digest(fmt.Sprint(i)), Tags: strings.FieldsFunc(tags, func(r rune) bool { return r == ',' }),
			Pushed: epoch.Add(-time.Duration(days)*24*time.Hour - time.Minute),
		}}
		all = append(all, image)
	}
	return all
}

func ruleText(priority int, selection string) string {
	return fmt.Sprintf(`{"rulePriority":%d,"selection":{%s},"action":{"type":"expire"}}`, priority, selection)
}

func policy(rules ...string) string { return `{"rules":[` + strings.Join(rules, ",") + `]}` }

const (
	untaggedOld = `"tagStatus":"untagged","countType":"sinceImagePushed","countUnit":"days","countNumber":7`
	keepTwo     = `"tagStatus":"any","countType":"imageCountMoreThan","countNumber":2`
	keepProd    = `"tagStatus":"tagged","tagPrefixList":["prod"],"countType":"imageCountMoreThan","countNumber":1`
	patterns    = `"tagStatus":"tagged","tagPatternList":["prod*","*-x"],"countType":"imageCountMoreThan","countNumber":1`
)

func TestPlanExpiry(t *testing.T) {
	for name, tt := range map[string]struct {
		rules  []string
		images []Image
		want   string
	}{
		"few":                          {[]string{ruleText(1, keepTwo)}, imagesFrom("a/1", "b/2"), ""},
		"oldest go":                    {[]string{ruleText(1, keepTwo)}, imagesFrom("a/1", "b/3", "c/2", "/9"), "1:1 3:1"},
		"untagged by age":              {[]string{ruleText(1, untaggedOld)}, imagesFrom("/7", "/6", "a/99"), "0:1"},
		"an image has one rule":        {[]string{ruleText(1, keepProd), ruleText(2, keepTwo)}, imagesFrom("prod1/30", "b/1", "c/2", "d/3"), "3:2"},
		"later rules count all":        {[]string{ruleText(1, keepProd), ruleText(2, keepTwo)}, imagesFrom("prod1/1", "prod2/2", "c/3"), "1:1 2:2"},
		"order of priority":            {[]string{ruleText(2, keepTwo), ruleText(1, untaggedOld)}, imagesFrom("/8", "a/1", "b/2", "c/3"), "0:1 3:2"},
		"all patterns":                 {[]string{ruleText(1, patterns)}, imagesFrom("prod,a-x/1", "prod,a-x/2", "prod/3", "a-x/4"), "1:1"},
		"within a list":                {[]string{ruleText(1, untaggedOld)}, listing(imagesFrom("/9", "/9", "list/9"), 2, 0), "1:1"},
		"not counted when within list": {[]string{ruleText(1, keepTwo)}, listing(imagesFrom("/1", "a/2", "b/3"), 2, 0), ""},
	} {
		t.Run(name, func(t *testing.T) {
			rules, err := parseLifecycle(policy(tt.rules...))
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, e := range planExpiry(rules, tt.images, epoch) {
				got = append(got, fmt.Sprintf("%s:%d", e.image.Key, e.priority))
			}
			if diff := cmp.Diff(tt.want, strings.Join(got, " ")); diff != "" {
				t.Errorf("image:rule (-want +got):\n%s", diff)
			}
		})
	}
}

// listing makes one image a list that has another in it.
func listing(images []Image, list, child int) []Image {
	images[list].Spec.Children = []registry.Digest{images[child].Spec.Digest}
	return images
}

// "Keep the last n" keeps the n newest, whatever the images are, and planning
// again after the plan was carried out finds nothing.
func TestKeepLastProperty(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		keep := rapid.IntRange(1, 12).Draw(r, "keep")
		var texts []string
		for range rapid.IntRange(0, 30).Draw(r, "images") {
			texts = append(texts, fmt.Sprintf("%s/%d", rapid.SampledFrom([]string{"", "a", "b,c"}).Draw(r, "tags"), rapid.IntRange(0, 40).Draw(r, "age")))
		}
		images := imagesFrom(texts...)
		rules := []rule{{RulePriority: 1, Selection: selection{TagStatus: anyTag, CountType: countMoreThan, CountNumber: keep}}}
		gone := map[string]bool{}
		for _, e := range planExpiry(rules, images, epoch) {
			gone[e.image.Key] = true
		}
		var left []Image
		for _, image := range images {
			if !gone[image.Key] {
				left = append(left, image)
			}
		}
		if len(left) != min(keep, len(images)) {
			r.Fatalf("%d of %d images are left, keep %d", len(left), len(images), keep)
		}
		for _, image := range images {
			for _, kept := range left {
				if gone[image.Key] && image.Spec.Pushed.After(kept.Spec.Pushed) {
					r.Fatalf("image %s went, the older %s stayed", image.Key, kept.Key)
				}
			}
		}
		if again := planExpiry(rules, left, epoch); len(again) != 0 {
			r.Fatalf("a second look expires %d more", len(again))
		}
	})
}

func TestParseLifecycleRefuses(t *testing.T) {
	for name, text := range map[string]string{
		"no JSON":            `{`,
		"no rules":           `{"rules":[]}`,
		"unknown member":     policy(ruleText(1, keepTwo+`,"x":1`)),
		"priority 0":         policy(ruleText(0, keepTwo)),
		"priority twice":     policy(ruleText(1, untaggedOld), ruleText(1, keepProd)),
		"any is not last":    policy(ruleText(1, keepTwo), ruleText(2, untaggedOld)),
		"tagged, no names":   policy(ruleText(1, `"tagStatus":"tagged","countType":"imageCountMoreThan","countNumber":1`)),
		"untagged, names":    policy(ruleText(1, `"tagStatus":"untagged","tagPrefixList":["a"],"countType":"imageCountMoreThan","countNumber":1`)),
		"count 0":            policy(ruleText(1, `"tagStatus":"any","countType":"imageCountMoreThan","countNumber":0`)),
		"age without unit":   policy(ruleText(1, `"tagStatus":"any","countType":"sinceImagePushed","countNumber":1`)),
		"count with unit":    policy(ruleText(1, keepTwo+`,"countUnit":"days"`)),
		"unknown count":      policy(ruleText(1, `"tagStatus":"any","countType":"sinceImagePulled","countUnit":"days","countNumber":1`)),
		"unknown tag status": policy(ruleText(1, `"tagStatus":"some","countType":"imageCountMoreThan","countNumber":1`)),
		"unknown action":     strings.Replace(policy(ruleText(1, keepTwo)), "expire", "transition", 1),
	} {
		if rules, err := parseLifecycle(text); err == nil {
			t.Errorf("%s: %+v", name, rules)
		}
	}
}

// The seed's policy, carried out: an eleventh image makes the oldest go.
func TestKeepLastTenImages(t *testing.T) {
	f := start(t, nil)
	f.create("app")
	name := aws.String("app")
	if _, err := f.PutLifecyclePolicy(t.Context(), &sdk.PutLifecyclePolicyInput{RepositoryName: name, LifecyclePolicyText: aws.String(keepTen)}); err != nil {
		t.Fatal(err)
	}
	servicetest.Run(t, f.env, f.Controllers()...)
	for i := range 12 {
		f.now.Advance(time.Minute)
		f.push(fmt.Sprintf("app:v%02d", i))
	}
	servicetest.Await(t, f.env, "expiry", func(s store.Snapshot) bool {
		r, _ := Repositories.Get(s, scope.Key("app"))
		return Images.Len(s) == 10 && !r.Status.Evaluated.IsZero()
	})
	if got := f.tags("app"); strings.Contains(got, "v00") || strings.Contains(got, "v01") || !strings.Contains(got, "v11") {
		t.Errorf("tags %q", got)
	}
	out, err := f.GetLifecyclePolicy(t.Context(), &sdk.GetLifecyclePolicyInput{RepositoryName: name})
	if err != nil || *out.LifecyclePolicyText != keepTen || out.LastEvaluatedAt == nil {
		t.Errorf("%+v, %v", out, err)
	}
}

func TestLifecyclePreview(t *testing.T) {
	f := start(t, nil)
	f.create("app")
	name := aws.String("app")
	if _, err := f.GetLifecyclePolicyPreview(t.Context(), &sdk.GetLifecyclePolicyPreviewInput{RepositoryName: name}); servicetest.Code(err) != "LifecyclePolicyPreviewNotFoundException" {
		t.Error(err)
	}
	f.push("app:old")
	f.now.Advance(time.Minute)
	f.push("app:new")
	one := strings.Replace(keepTen, `"countNumber":10`, `"countNumber":1`, 1)
	if _, err := f.StartLifecyclePolicyPreview(t.Context(), &sdk.StartLifecyclePolicyPreviewInput{RepositoryName: name, LifecyclePolicyText: &one}); err != nil {
		t.Fatal(err)
	}
	out, err := f.GetLifecyclePolicyPreview(t.Context(), &sdk.GetLifecyclePolicyPreviewInput{RepositoryName: name})
	if err != nil || len(out.PreviewResults) != 1 || out.PreviewResults[0].ImageTags[0] != "old" {
		t.Errorf("%+v, %v", out, err)
	}
	if got := f.tags("app"); len(strings.Fields(got)) != 2 {
		t.Errorf("a preview deleted images: %q are left", got)
	}
	if _, err := f.DeleteLifecyclePolicy(t.Context(), &sdk.DeleteLifecyclePolicyInput{RepositoryName: name}); servicetest.Code(err) != "LifecyclePolicyNotFoundException" {
		t.Error(err)
	}
}

// Content that no row names goes from the disk, after its time of grace.
func TestSweep(t *testing.T) {
	f := start(t, nil)
	f.create("app")
	f.create("other")
	f.push("app:v1")
	kept := f.push("other:v1")
	if _, err := f.DeleteRepository(t.Context(), &sdk.DeleteRepositoryInput{RepositoryName: aws.String("app"), Force: true}); err != nil {
		t.Fatal(err)
	}
	onDisk := func() int {
		t.Helper()
		files, err := filepath.Glob(filepath.Join(BlobsDir(f.env.Home), "blobs/sha256/*/*"))
		if err != nil {
			t.Fatal(err)
		}
		return len(files)
	}
	if err := f.sweep(); err != nil || onDisk() != 8 {
		t.Errorf("young content: %d blobs of two images, %v", onDisk(), err)
	}
	f.now.Advance(2 * grace)
	if err := f.sweep(); err != nil || onDisk() != 4 {
		t.Errorf("%d blobs of one image, %v", onDisk(), err)
	}
	if _, err := crane.Pull(f.host+"/other@"+digestOf(t, kept), f.auth()); err != nil {
		t.Error(err)
	}
}

// Layers that no image has any more are forgotten.
func TestPrune(t *testing.T) {
	f := start(t, nil)
	f.create("app")
	f.push("app:v1")
	f.push("app:v1") // the first is now untagged
	f.now.Advance(2 * grace)
	if err := f.prune(t.Context(), scope.Key("app")); err != nil || Layers.Len(f.env.Store.Snapshot()) != 6 {
		t.Errorf("%d layers of two images, %v", Layers.Len(f.env.Store.Snapshot()), err)
	}
	for _, image := range imagesOf(f.env.Store.Snapshot(), scope.Key("app")) {
		if len(image.Spec.Tags) == 0 {
			f.env.Store.Update(t.Context(), func(tx *store.Tx) error { Images.Delete(tx, image.Key); return nil })
		}
	}
	if err := f.prune(t.Context(), scope.Key("app")); err != nil || Layers.Len(f.env.Store.Snapshot()) != 3 {
		t.Errorf("%d layers of one image, %v", Layers.Len(f.env.Store.Snapshot()), err)
	}
}

func FuzzParseLifecycle(f *testing.F) {
	f.Add(keepTen)
	f.Add(policy(ruleText(1, patterns), ruleText(2, untaggedOld)))
	f.Fuzz(func(t *testing.T, text string) {
		if rules, err := parseLifecycle(text); err == nil {
			planExpiry(rules, imagesFrom("a/1", "/2", "prod-x/3"), epoch)
		}
	})
}
