package batch

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/dcconform/dcconform/fixtures"
	"github.com/dcconform/dcconform/mockprovider/dc"
	"github.com/dcconform/dcconform/mockprovider/zone"
)

// world is a zone and its instances between the steps of a worked example.
type world struct {
	zone      string
	instances []zone.Instance
}

// stateDiff runs the steps of a worked example and says what differs.
func stateDiff(t *testing.T, v *fixtures.StateVector) string {
	t.Helper()
	w := world{zone: v.Zone}
	var last Plan
	for n, step := range v.Steps {
		plan, err := w.step(t, v, step)
		if err == nil {
			last = plan
			w.zone = strings.Join(texts(slices.Collect(plan.After.Records())), "\n")
			w.instances = plan.Change.Instances
			continue
		}
		if n < len(v.Steps)-1 {
			return fmt.Sprintf("step %d is refused: %v", n+1, err)
		}
		if class := describe(err).Class; string(class) != v.Want.Error {
			return fmt.Sprintf("error %s (%v), want %q", class, err, v.Want.Error)
		}
		return w.diff(t, v.Want, Plan{})
	}
	if v.Want.Error != "" {
		return fmt.Sprintf("there is a plan, want error %s", v.Want.Error)
	}
	return w.diff(t, v.Want, last)
}

// step does one act.
func (w world) step(t *testing.T, v *fixtures.StateVector, step fixtures.StateStep) (Plan, error) {
	t.Helper()
	if step.Act == "edit" {
		before := zoneOf(t, w.zone)
		change, err := zone.Edit(before, w.instances, recordsOf(t, step.Remove), recordsOf(t, step.Add))
		return planned(before, change, nil, err)
	}
	return Work(Case{
		Template: []byte(v.Templates[step.Template]), Zone: w.zone, Domain: "example.com", Host: step.Host,
		Groups: step.Groups, Variables: step.Variables, Rules: dc.Rules{Stateful: true},
		Instances: w.instances, InstanceID: step.ID, Revert: step.Act == "revert",
	})
}

// diff compares the world, and what the last step did.
func (w world) diff(t *testing.T, want fixtures.StateWant, last Plan) string {
	t.Helper()
	var instances, gone, conflicts []string
	for _, i := range w.instances {
		instances = append(instances, instanceText(i))
	}
	for _, r := range last.Change.InstancesRemoved {
		gone = append(gone, instanceText(r.Instance)+" "+string(r.Why))
	}
	for _, c := range last.Conflicts {
		conflicts = append(conflicts, c.Record.String())
	}
	return recordsDiff(want.Zone, texts(slices.Collect(zoneOf(t, w.zone).Records()))) +
		cmp.Diff(want.Instances, instances, cmpopts.EquateEmpty()) +
		cmp.Diff(want.Gone, gone, cmpopts.EquateEmpty()) +
		cmp.Diff(want.Conflict, conflicts, cmpopts.EquateEmpty())
}

// instanceText is an instance as worked examples name it.
func instanceText(i zone.Instance) string {
	text := i.Service + " @"
	if i.Host != "" {
		text = i.Service + " " + i.Host
	}
	if i.ID != "" {
		text += " " + i.ID
	}
	if i.Groups != nil {
		text += "/" + strings.Join(i.Groups, ",")
	}
	return text
}

func zoneOf(t *testing.T, text string) *zone.Zone {
	t.Helper()
	z, err := zone.Parse("example.com", strings.NewReader(text), "zone")
	if err != nil {
		t.Fatal(err)
	}
	return z
}

func recordsOf(t *testing.T, lines []string) []zone.Record {
	t.Helper()
	var list []zone.Record
	for _, line := range lines {
		list = slices.AppendSeq(list, zoneOf(t, line).Records())
	}
	return list
}
