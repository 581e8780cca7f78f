package trial

import (
	"fmt"
	"slices"
	"strings"

	"github.com/onsi/gomega"

	"github.com/dcconform/dcconform/suites/check"
	"github.com/dcconform/dcconform/suites/match"
)

// barrier is a control twin and what it leads to: that it is seen tells that
// what was written before it would be seen as well. It stands at a host beside
// the case's own, since at the same names it would cover what the refused
// request has written late, or have it look like its own work.
type barrier struct {
	request Request
	records []string
	// names are those that the barrier has to itself; nil where it stands at
	// the case's own.
	names []string
	// before is the zone at all watched names.
	before []string
}

// barrier moves a control twin aside, and looks at the zone. The twin stays
// where it is at an apex, beside which nothing is the run's own; where earlier
// state belongs to the case; where a value of the request or a record names the
// host in a way that cannot be moved; and where hosts.limit has no name left.
func (t *Trial) barrier(good Request, records []string) barrier {
	t.watchRecords(records)
	b := barrier{request: good, records: records}
	moved, at, ok := t.aside(good, records)
	if !ok || t.World.use(moved.Value("host")) != nil {
		b.before = t.Zone()
		return b
	}
	own := slices.Clone(t.watched)
	t.watchRecords(at)
	names := slices.DeleteFunc(slices.Clone(t.watched), func(n string) bool { return slices.Contains(own, n) })
	if t.World.Fresh && !t.asked && len(t.noted) == 0 {
		// Nothing has been sent yet, and nobody was here before.
		b.request, b.records, b.names, b.before = moved, at, names, []string{}
		return b
	}
	b.before = t.Zone()
	if len(unused(own, b.before)) < len(own) {
		t.unwatch(names)
		b.before = slices.DeleteFunc(b.before, func(l string) bool { return len(unused(names, []string{l})) < len(names) })
		return b
	}
	if len(b.before) > 0 && t.World.Seeder.Available() {
		t.Broken(t.World.Seeder.Reset(t.Context(), t.Domain(), names))
		b.before, _ = t.World.wait(t, func(lines []string) bool { return len(lines) == 0 })
	}
	if len(b.before) > 0 {
		// Somebody has been there before, an earlier run maybe.
		t.unwatch(names)
		b.before = t.Zone()
		return b
	}
	b.request, b.records, b.names = moved, at, names
	return b
}

func (t *Trial) unwatch(names []string) {
	t.watched = slices.DeleteFunc(t.watched, func(n string) bool { return slices.Contains(names, n) })
}

// aside is a request at a host that no other has had, beside the one that the
// case works at, and the records that it leads to there.
func (t *Trial) aside(good Request, records []string) (Request, []string, bool) {
	if t.host == "" || good.template.Service == "" {
		return good, nil, false
	}
	t.asides++
	host := fmt.Sprintf("%s-twin%d", t.host, t.asides)
	params := good.moved()
	good.params, good.at = params, t.host
	for _, p := range params {
		// A value may lead anywhere that the case's host is a part of.
		if p.Name != "host" && strings.Contains(p.Value, t.host) {
			return good, nil, false
		}
	}
	if good.text != nil {
		const name = "host="
		text := "&" + *good.text + "&"
		if strings.Count(text, t.host) != 1 || !strings.Contains(text, "&"+name+t.host+"&") {
			return good, nil, false
		}
		moved := strings.Replace(*good.text, name+t.host, name+host, 1)
		good.text = &moved
	} else if good.Value("host") != t.host {
		return good, nil, false
	}
	good = good.With("host", host)
	at := make([]string, 0, len(records))
	for _, r := range records {
		owner, rest, _ := strings.Cut(strings.TrimSpace(r), " ")
		switch {
		case strings.ContainsAny(owner, "{}") || strings.HasSuffix(owner, ".") || strings.Contains(rest, t.host):
			return good, nil, false
		case owner == "@":
			owner = host + "." + t.Domain() + "."
		default:
			owner += "." + host + "." + t.Domain() + "."
		}
		at = append(at, owner+" "+strings.NewReplacer("{root}", host+"."+t.Domain(), "{host}", host).Replace(rest))
	}
	return good, at, true
}

// held states that the zone comes to hold what it held before and what the
// barrier leads to. What is there beside is the refused request's; where some
// of the barrier's is missing the twin did not work, and the case cannot be
// judged.
func (t *Trial) held(id string, about check.About, b barrier) {
	want := withoutTTL(t.Records(b.records...))
	accept := func(lines []string) bool { return slices.Equal(withoutTTL(lines), want) }
	if b.names != nil {
		// Nothing is in its place, so that it is there when all of it is.
		accept = func(lines []string) bool { return len(match.Missing(want, withoutTTL(lines))) == 0 }
	}
	got, problem := t.World.wait(t, accept)
	t.Record("zone", "the zone at "+strings.Join(t.watched, ", "), []byte(strings.Join(got, "\n")+"\n"))
	surplus := match.Missing(withoutTTL(got), want)
	about.Expected = append(slices.Clone(want), "no other record")
	about.Actual = "not expected: " + strings.Join(surplus, ", ")
	if !t.Require(id, surplus, gomega.BeEmpty(), about) {
		return
	}
	if problem != nil || len(match.Missing(want, withoutTTL(got))) > 0 {
		t.Inconclusive("control-twin", "the control twin did not lead to its records: "+difference(want, withoutTTL(got)))
	}
	// A case may send further requests, whose names are its own again.
	t.unwatch(b.names)
}
