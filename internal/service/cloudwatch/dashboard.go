package cloudwatch

import (
	"encoding/json"
	"fmt"
	"slices"

	"apex/internal/api"
	"apex/internal/api/cloudwatchapi"
)

// maxWidgets is how many widgets a dashboard may have (CloudWatch quotas).
const maxWidgets = 500

// A widget is what is looked at of a widget in a dashboard's body.
type widget struct {
	Type          string
	X, Y          *float64
	Width, Height *float64
	Properties    map[string]json.RawMessage
}

// checkDashboard reads a dashboard's body. What CloudWatch would warn of it
// answers; what it would not take is an error.
func checkDashboard(body string) ([]cloudwatchapi.DashboardValidationMessage, error) {
	var whole struct{ Widgets []json.RawMessage }
	if err := json.Unmarshal([]byte(body), &whole); err != nil {
		return nil, cloudwatchapi.NewDashboardInvalidInputError("The field DashboardBody must be a valid JSON object")
	}
	if len(whole.Widgets) > maxWidgets {
		return nil, cloudwatchapi.NewDashboardInvalidInputError("The dashboard body is invalid: %d widgets are more than %d", len(whole.Widgets), maxWidgets)
	}
	faults := []cloudwatchapi.DashboardValidationMessage{}
	for i, raw := range whole.Widgets {
		for _, fault := range checkWidget(raw) {
			faults = append(faults, cloudwatchapi.DashboardValidationMessage{
				DataPath: api.Ptr(fmt.Sprintf("/widgets/%d%s", i, fault[0])), Message: api.Ptr(fault[1]),
			})
		}
	}
	return faults, nil
}

// checkWidget returns pairs of a path inside the widget and what is wrong there.
func checkWidget(raw json.RawMessage) (faults [][2]string) {
	var w widget
	if err := json.Unmarshal(raw, &w); err != nil {
		return [][2]string{{"", "Should be an object with type and properties"}}
	}
	add := func(path, format string, args ...any) {
		faults = append(faults, [2]string{path, fmt.Sprintf(format, args...)})
	}
	types := []string{"metric", "text", "log", "alarm", "explorer", "custom"}
	switch {
	case w.Type == "":
		add("", "Should have required property 'type'")
	case !slices.Contains(types, w.Type):
		add("/type", "Should be equal to one of the allowed values: %v", types)
	}
	if w.Properties == nil {
		add("", "Should have required property 'properties'")
	}
	for _, size := range []struct {
		path        string
		value       *float64
		least, most float64
	}{{"/x", w.X, 0, 23}, {"/y", w.Y, 0, 1e6}, {"/width", w.Width, 1, 24}, {"/height", w.Height, 1, 1000}} {
		if v := size.value; v != nil && (*v < size.least || *v > size.most || *v != float64(int64(*v))) {
			add(size.path, "Should be a whole number from %v to %v", size.least, size.most)
		}
	}
	return append(faults, checkProperties(w)...)
}

func checkProperties(w widget) (faults [][2]string) {
	if w.Properties == nil {
		return nil
	}
	has := func(name string) bool { _, ok := w.Properties[name]; return ok }
	need := func(name string) {
		if !has(name) {
			faults = append(faults, [2]string{"/properties", "Should have required property '" + name + "'"})
		}
	}
	switch w.Type {
	case "text":
		need("markdown")
	case "log":
		need("query")
	case "alarm":
		need("alarms")
	case "metric":
		if !has("metrics") && !has("annotations") {
			faults = append(faults, [2]string{"/properties", "Should have required property 'metrics'"})
		}
	}
	return faults
}
