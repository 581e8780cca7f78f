package sign

import (
	"slices"
	"strings"
	"testing"
)

func TestFragile(t *testing.T) {
	const end = "&key=_dck1&sig=AA%3D%3D"
	tests := []struct {
		name, query string
		want        []string
	}{
		{"nothing", "a=1&b=x%20y" + end, nil},
		{"key last", "a=1&sig=AA&key=_dck1", []string{"sig-not-last"}},
		{"a parameter behind", "a=1" + end + "&utm=1", []string{"sig-not-last"}},
		{"plus in sig", "a=1&key=_dck1&sig=A+A", []string{"fragile-sig-plus"}},
		{"plus in a value", "a=1+2" + end, []string{"fragile-plus a"}},
		{"unsorted", "b=1&a=1" + end, []string{"fragile-order"}},
		{"empty", "a=&b=1&c" + end, []string{"fragile-empty a"}},
		{"lower-case digits", "a=%2b" + end, []string{"fragile-spelling a"}},
		{"not encoded", "a=1&redirect_uri=https://x.example/" + end, []string{"fragile-spelling redirect_uri"}},
		{"needlessly encoded", "a=%41&b=~&c=%7E" + end, []string{"fragile-spelling a, c"}},
		{"apostrophe", "a=it's" + end, []string{"fragile-browser sent as a=it%27s", "fragile-spelling a"}},
		{"not ASCII", "a=é" + end, []string{"fragile-browser sent as a=%C3%A9", "fragile-spelling a"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			var got []string
			for _, s := range Fragile("https://dns.example/?"+test.query, test.query) {
				got = append(got, strings.TrimSpace(string(s.Mistake)+" "+s.Detail))
			}
			if !slices.Equal(got, test.want) {
				t.Errorf("found %q, want %q", got, test.want)
			}
		})
	}
	long := "a=" + strings.Repeat("x", MaxURL) + end
	if got := Fragile("https://dns.example/?"+long, long); len(got) != 1 || got[0].Mistake != FragileLong {
		t.Errorf("a long link: %v", got)
	}
}

func TestAsSent(t *testing.T) {
	tests := []struct{ query, want string }{
		{"a=1&b=%27", "a=1&b=%27"},
		{`a='"<>#` + " \t\r\nz", "a=%27%22%3C%3E%23%20z"},
		{"a=é\x7f", "a=%C3%A9%7F"},
		{"a=`{}|^[]\\!()*,;:@$~-._", "a=`{}|^[]\\!()*,;:@$~-._"},
	}
	for _, test := range tests {
		if got := AsSent(test.query); got != test.want {
			t.Errorf("AsSent(%q) = %q, want %q", test.query, got, test.want)
		}
	}
}

func TestMisreaders(t *testing.T) {
	tests := []struct {
		query string
		want  []string
	}{
		{"a=1&b=2&sig=x&key=_k", []string{"leaves key in the text: a=1&b=2&key=_k"}},
		{"b=%2b+&a=&sig=x&key=_k", []string{
			"sorts the parameters: a=&b=%2b+",
			"decodes percent-encodings: b=++&a=",
			"encodes the values anew: b=%2B%2B&a=",
			"encodes the values anew, with + for a space: b=%2B+&a=",
			"reads + as a space and writes it as %20: b=%2b%20&a=",
			"writes the digits of percent-encodings in upper case: b=%2B+&a=",
			"drops empty parameters: b=%2b+",
			"leaves key in the text: b=%2b+&a=&key=_k",
		}},
		{"a=1&sig=%zz&key=_k", nil},
	}
	for _, test := range tests {
		var got []string
		for _, m := range Misreaders(test.query) {
			got = append(got, m.Does+": "+m.Text)
		}
		if !slices.Equal(got, test.want) {
			t.Errorf("%s:\n%s\nwant\n%s", test.query, strings.Join(got, "\n"), strings.Join(test.want, "\n"))
		}
	}
}

// The catalogue is what doctor --list prints: every code once, in clauses that
// a sentence can be made of.
func TestCatalogue(t *testing.T) {
	seen := map[Mistake]bool{}
	for _, e := range Catalogue() {
		if seen[e.Code] {
			t.Errorf("%s stands twice", e.Code)
		}
		seen[e.Code] = true
		for _, text := range []string{e.What, e.Mend} {
			if text == "" || strings.HasSuffix(text, ".") || strings.ToLower(text[:1]) != text[:1] && !strings.HasPrefix(text, "RS256") {
				t.Errorf("%s: %q is no clause", e.Code, text)
			}
		}
	}
	for _, x := range slices.Concat(seeds, publishedSeeds) {
		for _, m := range x.want {
			if !seen[m] {
				t.Errorf("%s is named and not in the catalogue", m)
			}
		}
	}
	if len(seen) < 70 {
		t.Errorf("%d mistakes", len(seen))
	}
}
