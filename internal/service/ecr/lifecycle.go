package ecr

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// A rule is one rule of a lifecycle policy: it expires images of its selection.
type rule struct {
	RulePriority int       `json:"rulePriority"`
	Description  string    `json:"description"`
	Selection    selection `json:"selection"`
	Action       struct {
		Type string `json:"type"`
	} `json:"action"`
}

// A selection chooses images by their tags, and of those the ones beyond a
// count or an age.
type selection struct {
	TagStatus      string   `json:"tagStatus"`
	TagPrefixList  []string `json:"tagPrefixList"`
	TagPatternList []string `json:"tagPatternList"`
	CountType      string   `json:"countType"`
	CountUnit      string   `json:"countUnit"`
	CountNumber    int      `json:"countNumber"`
}

// The words of a lifecycle policy.
const (
	tagged, untagged, anyTag = "tagged", "untagged", "any"
	countMoreThan            = "imageCountMoreThan"
	sincePushed              = "sinceImagePushed"
	days                     = "days"
	expire                   = "expire"
)

// parseLifecycle reads and checks a policy; its rules come in the order of
// their priority.
func parseLifecycle(text string) ([]rule, error) {
	var policy struct {
		Rules []rule `json:"rules"`
	}
	decoder := json.NewDecoder(strings.NewReader(text))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&policy); err != nil {
		return nil, fmt.Errorf("policy: %w", err)
	}
	if len(policy.Rules) == 0 {
		return nil, fmt.Errorf("policy: no rules")
	}
	slices.SortStableFunc(policy.Rules, func(a, b rule) int { return a.RulePriority - b.RulePriority })
	for i, r := range policy.Rules {
		if err := r.check(); err != nil {
			return nil, fmt.Errorf("rule %d: %w", r.RulePriority, err)
		}
		last := i == len(policy.Rules)-1
		switch {
		case !last && policy.Rules[i+1].RulePriority == r.RulePriority:
			return nil, fmt.Errorf("rule %d: the priority is given twice", r.RulePriority)
		case !last && r.Selection.TagStatus == anyTag:
			return nil, fmt.Errorf("rule %d: tagStatus any needs the highest rulePriority", r.RulePriority)
		}
	}
	return policy.Rules, nil
}

func (r rule) check() error {
	s := r.Selection
	named := len(s.TagPrefixList)+len(s.TagPatternList) > 0
	switch {
	case r.RulePriority < 1:
		return fmt.Errorf("rulePriority %d is less than 1", r.RulePriority)
	case r.Action.Type != expire:
		return fmt.Errorf("action %q: only expire is built", r.Action.Type)
	case s.CountNumber < 1:
		return fmt.Errorf("countNumber %d is less than 1", s.CountNumber)
	case !slices.Contains([]string{tagged, untagged, anyTag}, s.TagStatus):
		return fmt.Errorf("tagStatus %q: not tagged, untagged or any", s.TagStatus)
	case s.TagStatus == tagged && !named:
		return fmt.Errorf("tagStatus tagged needs a tagPrefixList or a tagPatternList")
	case s.TagStatus != tagged && named, len(s.TagPrefixList) > 0 && len(s.TagPatternList) > 0:
		return fmt.Errorf("tagPrefixList or tagPatternList: one of them, and with tagStatus tagged only")
	}
	return s.checkCount()
}

func (s selection) checkCount() error {
	switch {
	case s.CountType == countMoreThan && s.CountUnit == "", s.CountType == sincePushed && s.CountUnit == days:
		return nil
	case s.CountType == countMoreThan:
		return fmt.Errorf("countUnit %q: none with imageCountMoreThan", s.CountUnit)
	case s.CountType == sincePushed:
		return fmt.Errorf("countUnit %q: sinceImagePushed needs days", s.CountUnit)
	}
	return fmt.Errorf("countType %q: not imageCountMoreThan or sinceImagePushed", s.CountType)
}

// selects reports whether an image's tags are those of the rule. An image must
// have a tag for each prefix or pattern.
func (s selection) selects(tags []string) bool {
	switch s.TagStatus {
	case untagged:
		return len(tags) == 0
	case anyTag:
		return true
	}
	hasAll := func(wanted []string, match func(want, tag string) bool) bool {
		for _, want := range wanted {
			if !slices.ContainsFunc(tags, func(tag string) bool { return match(want, tag) }) {
				return false
			}
		}
		return true
	}
	return hasAll(s.TagPrefixList, func(want, tag string) bool { return strings.HasPrefix(tag, want) }) &&
		hasAll(s.TagPatternList, wildcard)
}
