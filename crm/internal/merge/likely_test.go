package merge

import "testing"

func TestLikely(t *testing.T) {
	for _, pair := range [][2]string{
		{"Jonathan Smith", "Jonathon Smith"},
		{"Jonathan Smith", "Smith Jonathan"},
		{"Katherine Jones", "Catherine Jones"},
		{"Grace Hopper", "Garce Hopper"},
		{"Edsger Dijkstra", "Edsger Dykstra"},
		{"José García Márquez", "Jose Garcia Marquezz"},
		{"Müller Søren", "Soren Mulller"},
		{"Ana Lima", "Ana Lina"},
		{"Nordwind GmbH", "Nordwindt AG"},
		{"Meyer Design Ltd", "Design Meyer"},
		{"Мария Петрова", "Марья Петрова"},
		{"Sara Cohen", "Sarah Cohen"},
	} {
		if !likely(pair[0], pair[1]) || !likely(pair[1], pair[0]) {
			t.Errorf("%q and %q are not found likely the same", pair[0], pair[1])
		}
	}
	for _, pair := range [][2]string{
		{"Jonathan Smith", "Jonathan Smith"},
		{"Jonathan Smith", "JONATHAN  SMITH"},
		{"Jo Li", "Jo Lu"},
		{"Al Ng", "Ng Al"},
		{"Person 12", "Person 13"},
		{"Unit 3 Works", "Unit 4 Works"},
		{"Ana Lima", "Eva Lina"},
		{"Jonathan Smith", "Jonathan Smythers"},
		{"Acme", "Acne"},
		{"", ""},
		{"", "Ana Lima"},
		{"Acme Ltd", "Acme Inc"},
		{"Hans Meier", "Karl Meier"},
	} {
		if likely(pair[0], pair[1]) || likely(pair[1], pair[0]) {
			t.Errorf("%q and %q are found likely the same", pair[0], pair[1])
		}
	}
	if !unlike("northwind.example", "southwing.example") || unlike("nordwind.de", "nordwind.com") || unlike("", "x.example") {
		t.Error("domains tell the wrong companies apart")
	}
}

func FuzzLikely(f *testing.F) {
	f.Add("Ana Lima", "Ana Lina")
	f.Add("", "\xff\u0301")
	f.Fuzz(func(t *testing.T, a, b string) {
		if likely(a, b) != likely(b, a) || likely(a, a) {
			t.Errorf("%q and %q", a, b)
		}
	})
}
