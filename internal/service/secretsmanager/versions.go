package secretsmanager

import (
	"bytes"
	"slices"
	"time"

	"apex/internal/seal"
)

// maxVersions is how many versions a secret keeps before those without a
// staging label go (source: AWS's quotas).
const maxVersions = 100

// A value is what a caller stores: a string or bytes.
type value struct {
	content []byte
	binary  bool
}

// seal binds a value to its secret and version.
func (v value) seal(sealer *seal.Sealer, key, id string) []byte {
	return sealer.Seal(v.content, sealContext(key, id))
}

// open returns a version's value.
func (v Version) open(sealer *seal.Sealer, key string) (value, error) {
	content, err := sealer.Open(v.Sealed, sealContext(key, v.ID))
	return value{content, v.Binary}, err
}

func sealContext(key, id string) []byte { return []byte("secretsmanager/" + key + "/" + id) }

func (v value) equal(w value) bool { return v.binary == w.binary && bytes.Equal(v.content, w.content) }

// byID returns the version with an ID.
func (s *SecretSpec) byID(id string) (Version, bool) {
	return find(s.Versions, func(v Version) bool { return v.ID == id })
}

// byStage returns the version that has a staging label.
func (s *SecretSpec) byStage(stage string) (Version, bool) {
	return find(s.Versions, func(v Version) bool { return slices.Contains(v.Stages, stage) })
}

func find(versions []Version, is func(Version) bool) (Version, bool) {
	if i := slices.IndexFunc(versions, is); i >= 0 {
		return versions[i], true
	}
	return Version{}, false
}

// add appends a version and moves the labels to it. A secret's first version is
// always the current one. The receiver's versions must be its own copy.
func (s *SecretSpec) add(v Version, stages []string) {
	if len(s.Versions) == 0 && !slices.Contains(stages, Current) {
		stages = append(slices.Clone(stages), Current)
	}
	s.Versions = append(s.Versions, v)
	for _, stage := range stages {
		s.move(stage, v.ID)
	}
	s.Changed = v.Created
	for len(s.Versions) > maxVersions {
		i := slices.IndexFunc(s.Versions, func(v Version) bool { return len(v.Stages) == 0 })
		if i < 0 {
			return
		}
		s.Versions = slices.Delete(s.Versions, i, i+1)
	}
}

// move takes a label from the version that has it, if any, and gives it to
// another, if id is not empty. What ceases to be current becomes the previous.
func (s *SecretSpec) move(stage, id string) {
	for i := range s.Versions {
		v := &s.Versions[i]
		had := slices.Contains(v.Stages, stage)
		switch {
		case had && v.ID != id:
			v.Stages = without(v.Stages, stage)
			if stage == Current {
				defer s.move(Previous, v.ID)
			}
		case !had && v.ID == id:
			v.Stages = append(slices.Clone(v.Stages), stage)
			if stage == Current {
				v.Stages = without(v.Stages, Previous)
			}
		}
	}
}

func without(stages []string, stage string) []string {
	return slices.DeleteFunc(slices.Clone(stages), func(s string) bool { return s == stage })
}

// stages returns the labels of all versions that have any.
func (s *SecretSpec) stages() map[string][]string {
	out := map[string][]string{}
	for _, v := range s.Versions {
		if len(v.Stages) > 0 {
			out[v.ID] = v.Stages
		}
	}
	return out
}

// touched returns the day of an access if the secret has not been marked with
// it yet, so that reading writes once a day at most.
func (s *SecretSpec) touched(now time.Time) (day time.Time, changed bool) {
	day = now.UTC().Truncate(24 * time.Hour)
	return day, !s.Accessed.Equal(day)
}
