package fault

import "github.com/dcconform/dcconform/mockprovider/store"

// Misbehaviour is the fault as a running tenant takes it.
func (f Fault) Misbehaviour() store.Misbehaviour {
	return store.Misbehaviour{Name: f.Name, Set: f.Apply}
}

// Switch makes a tenant that runs have exactly these faults beside its
// configuration; without names, none. When one is unknown nothing is changed,
// and the error is an *UnknownError.
func Switch(t *store.Tenant, names ...string) error {
	faults := make([]store.Misbehaviour, len(names))
	for i, name := range names {
		f, err := Find(name)
		if err != nil {
			return err
		}
		faults[i] = f.Misbehaviour()
	}
	t.Misbehave(faults...)
	return nil
}
