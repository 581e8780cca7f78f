package trial

import (
	"slices"

	"github.com/dcconform/dcconform/suites/observe"
)

// TextsAt are the contents of the TXT records of a name as they are now, sorted:
// strings joined, without quotes. The name is relative to the case's root, or
// absolute with a dot at the end.
func (t *Trial) TextsAt(name string) []string {
	t.Watch(name)
	return t.texts(t.Zone(), name)
}

// AwaitTexts waits until accept is content with the TextsAt of a name, and
// returns what was seen last.
func (t *Trial) AwaitTexts(name string, accept func(texts []string) bool) []string {
	t.Watch(name)
	lines, _ := t.World.wait(t, func(lines []string) bool { return accept(t.texts(lines, name)) })
	return t.texts(lines, name)
}

func (t *Trial) texts(lines []string, name string) []string {
	owner := t.absolute(t.expand(name))
	var texts []string
	for _, l := range lines {
		r, err := observe.Parse(l)
		t.Broken(err)
		if r.Owner == owner && r.Type == "TXT" {
			texts = append(texts, r.Text())
		}
	}
	slices.Sort(texts)
	return texts
}

// Edit takes everything at the owners of the records away by the provider's
// own means, and puts the records there, as the zone's user can. The case has
// to say that it Seeds; an error is what the provider, or the hook, says of it.
func (t *Trial) Edit(records ...string) error {
	t.watchRecords(records)
	lines := t.verbatim(records)
	var owners []string
	for _, r := range t.Records(records...) {
		seen, err := observe.Parse(r)
		t.Broken(err)
		owners = append(owners, seen.Owner)
	}
	t.Broken(t.World.created(t, "seed", ""))
	if err := t.World.Seeder.Reset(t.Context(), t.Domain(), owners); err != nil {
		return err
	}
	return t.World.Seeder.Seed(t.Context(), t.Domain(), lines)
}
