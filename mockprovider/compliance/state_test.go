package compliance

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/dcconform/dcconform/mockprovider/batch"
	"github.com/dcconform/dcconform/mockprovider/zone"
)

// stateful makes a case one for a provider that keeps template state: what a
// record of the zone says of its origin makes the instances. Those with one
// template, host and id are one.
func (q question) stateful(c batch.Case) (batch.Case, error) {
	c.Rules.Stateful, c.InstanceID = true, q.Input.UniqueID
	for _, r := range q.Input.ZoneRecords {
		if r.Meta == nil {
			continue
		}
		said := func(name string) string {
			text, _ := r.Meta[name].(string)
			return text
		}
		which := zone.Identity{Provider: said("providerId"), Service: said("serviceId"), Domain: q.Input.Domain, Host: strings.TrimPrefix(said("host"), "@"), ID: said("id")}
		z, err := zone.Parse(q.Input.Domain, strings.NewReader(q.textOf([]record{r})), "record")
		if err != nil {
			return c, err
		}
		at := slices.IndexFunc(c.Instances, func(i zone.Instance) bool { return i.Identity == which })
		if at < 0 {
			at = len(c.Instances)
			c.Instances = append(c.Instances, zone.Instance{Identity: which})
		}
		switch essential := said("essential"); essential {
		case "Always", "OnApply":
			for record := range z.Records() {
				c.Instances[at].Records = append(c.Instances[at].Records, zone.Written{Record: record, OnApply: essential == "OnApply"})
			}
		default:
			return c, fmt.Errorf("essential is %q", essential)
		}
	}
	return c, nil
}

// owners is who wrote which record, as a case says it: "name type data" to
// "provider service host id essential". A random id is none.
func (q question) owners() map[string]string {
	list := map[string]string{}
	if q.Expect.Records == nil {
		return list
	}
	for _, r := range *q.Expect.Records {
		if r.Meta == nil {
			continue
		}
		e := entryOf(r)
		id := fmt.Sprint(r.Meta["id"])
		if strings.HasPrefix(id, "<test only") {
			id = ""
		}
		list[e.name+" "+e.typ+" "+e.data] = fmt.Sprintf("%v %v %q %q %v", r.Meta["providerId"], r.Meta["serviceId"],
			strings.TrimPrefix(fmt.Sprint(r.Meta["host"]), "@"), id, r.Meta["essential"])
	}
	return list
}

// ours is the same of our plan.
func (q question) ours(plan batch.Plan) map[string]string {
	list := map[string]string{}
	for _, i := range plan.Change.Instances {
		for _, w := range i.Records {
			e := q.entry(w.Record, plan.After.Origin())
			essential := "Always"
			if w.OnApply {
				essential = "OnApply"
			}
			list[e.name+" "+e.typ+" "+e.data] = fmt.Sprintf("%s %s %q %q %s", i.Provider, i.Service, i.Host, i.ID, essential)
		}
	}
	return list
}

// Who has which record afterwards is what the independent cases about state say.
func TestComplianceCasesAboutState(t *testing.T) {
	dir := os.Getenv("DC_VECTORS")
	if dir == "" {
		t.Skip("DC_VECTORS is not set: the compliance cases of independent authors are not tried")
	}
	all, err := load(dir)
	if err != nil {
		t.Fatal(err)
	}
	cases, agree, differ := 0, 0, 0
	for _, q := range all {
		if !q.Input.MultiAware {
			continue
		}
		cases++
		v := judge(q)
		if len(v.rules) == 0 && v.wrong == "" {
			agree++
		} else {
			differ++
			t.Logf("%s: %v", q.ID, v.rules)
		}
		apexHost(&q)
		o, plan := q.plan()
		if diff := cmp.Diff(q.owners(), q.ours(plan)); diff != "" {
			t.Errorf("%s: %s, who has which record (-theirs +ours):\n%s", q.ID, o, diff)
		}
	}
	if cases == 0 {
		t.Error("no case is about state")
	}
	t.Logf("%d cases about state: %d agreement, %d named deviation", cases, agree, differ)
}
