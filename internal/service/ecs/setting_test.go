package ecs

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"

	"apex/internal/service/servicetest"
)

func TestAccountSettings(t *testing.T) {
	w := newWorld(t)
	user := scope.Global().ARN("iam", "user/ops") // what the administrator sets for itself are the account's defaults
	effective := func(name types.SettingName) string {
		out, err := w.client.ListAccountSettings(t.Context(), &ecs.ListAccountSettingsInput{Name: name, EffectiveSettings: true})
		if err != nil || len(out.Settings) != 1 {
			t.Fatalf("%s: %+v, %v", name, out, err)
		}
		return *out.Settings[0].Value
	}
	if got := effective(types.SettingNameContainerInsights); got != "disabled" {
		t.Errorf("AWS's default is disabled, not %s", got)
	}
	if _, err := w.client.PutAccountSettingDefault(t.Context(), &ecs.PutAccountSettingDefaultInput{Name: types.SettingNameContainerInsights, Value: aws.String("enhanced")}); err != nil {
		t.Fatal(err)
	}
	if got := effective(types.SettingNameContainerInsights); got != "enhanced" {
		t.Errorf("the account's default is not followed: %s", got)
	}
	if _, err := w.client.PutAccountSetting(t.Context(), &ecs.PutAccountSettingInput{Name: types.SettingNameContainerInsights, Value: aws.String("enabled"), PrincipalArn: &user}); err != nil {
		t.Fatal(err)
	}
	set, err := w.client.ListAccountSettings(t.Context(), &ecs.ListAccountSettingsInput{PrincipalArn: &user})
	if err != nil || len(set.Settings) != 1 || *set.Settings[0].Value != "enabled" {
		t.Errorf("what was set: %+v, %v", set, err)
	}
	out, err := w.client.DeleteAccountSetting(t.Context(), &ecs.DeleteAccountSettingInput{Name: types.SettingNameContainerInsights, PrincipalArn: &user})
	if err != nil || *out.Setting.Value != "enhanced" {
		t.Errorf("after the delete the default holds: %+v, %v", out, err)
	}
	for name, value := range map[types.SettingName]string{types.SettingNameTaskLongArnFormat: "disabled", types.SettingNameGuardDutyActivate: "on"} {
		_, err := w.client.PutAccountSetting(t.Context(), &ecs.PutAccountSettingInput{Name: name, Value: &value})
		if servicetest.Code(err) != "InvalidParameterException" {
			t.Errorf("%s=%s: %v", name, value, err)
		}
	}
}
