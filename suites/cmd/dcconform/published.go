package main

import (
	"context"

	"github.com/dcconform/dcconform/suites/certify"
	"github.com/dcconform/dcconform/suites/doctor"
	"github.com/dcconform/dcconform/suites/run"
)

// lookUpKeysAt has the doctor look for the keys of a certification, where a
// name server was given.
func lookUpKeysAt(o *run.CertifyOptions) error {
	source, err := keySource("", o.DNS)
	if err != nil || source == nil {
		return err
	}
	o.LookUp = func(ctx context.Context, q run.KeyQuestion) certify.PublishedKey {
		p := doctor.CheckSigner(ctx, doctor.Signer{Domain: q.Domain, Label: q.Label, Private: q.Private, Edition: q.Edition, Keys: source})
		k := certify.PublishedKey{Name: p.Name, Source: p.Source, Records: p.Records, Bits: p.Bits,
			Malformed: p.Fragments > 0 && !p.Strict}
		if p.Unknown {
			k.Unknown = p.Why
		}
		k.Problem, k.Mend = p.Problem()
		for _, w := range p.Warnings {
			k.Warnings = append(k.Warnings, w.What+"; mend: "+w.Mend)
		}
		return k
	}
	return nil
}
