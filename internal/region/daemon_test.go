package region

import "testing"

func TestMainTakesNoArguments(t *testing.T) {
	t.Setenv("APEX_PORT", "no port") // a region would end at once, with code 1
	for _, arg := range []string{"--help", "-h", "start"} {
		if code := Main([]string{arg}); code != 2 {
			t.Errorf("apex region %s ended with code %d", arg, code)
		}
	}
}
