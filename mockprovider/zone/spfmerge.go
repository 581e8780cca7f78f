package zone

import (
	"errors"
	"fmt"
	"math"
	"strings"
)

// spfLookupLimit is what receivers do at most (RFC 7208 section 4.6.4).
const spfLookupLimit = 10

// spfPolicy is the qualifier of the all that a new record ends in (ietf-05
// section 9.4 prefers ~all).
const spfPolicy = '~'

// spfSet is the terms of one record, as a merge sees them.
type spfSet struct {
	terms []spfTerm // without all
	// all is the qualifier of the last all, 0 without.
	all byte
	// err says why rules cannot be merged into the record.
	err error
	// clean is set when all stands once and behind all other mechanisms, and
	// no term stands twice.
	clean bool
}

// parseSPFRules reads the spfRules of an SPFM (ietf-05 section 6.2): mechanisms
// and modifiers, without the version, all and redirect.
func parseSPFRules(rules string) ([]spfTerm, error) {
	if _, ok := spfRecord(strings.TrimLeft(rules, " ")); ok {
		return nil, errors.New("spfRules hold terms only; leave v=spf1 out")
	}
	if len(rules) > math.MaxUint16 {
		return nil, fmt.Errorf("spfRules have %d characters; a record holds 65535", len(rules))
	}
	terms, err := parseSPF(rules)
	if err != nil {
		return nil, err
	}
	if len(terms) == 0 {
		return nil, errors.New("spfRules are empty; at least one mechanism is expected, such as include:spf.example.net")
	}
	exps := 0
	for _, t := range terms {
		switch t.kind {
		case spfAll:
			return nil, errors.New("spfRules hold terms only; leave " + t.String() + " out, the provider closes the record")
		case spfRedirect:
			return nil, errors.New("spfRules cannot hold redirect=, which has no effect in a record that ends in all")
		case spfExp:
			exps++
		}
	}
	if exps > 1 {
		return nil, errors.New("exp= may stand only once")
	}
	return terms, nil
}

// parseSPFSet reads the terms of an SPF record.
func parseSPFSet(text string) *spfSet {
	terms, err := parseSPF(text)
	if err != nil {
		return &spfSet{err: err}
	}
	set := &spfSet{clean: true, terms: terms[:0]}
	alls, exps := 0, 0
	seen := make(map[string]bool, len(terms))
	for _, t := range terms {
		switch t.kind {
		case spfRedirect:
			return &spfSet{err: errors.New("it has redirect=")}
		case spfExp:
			exps++
		case spfAll:
			alls++
			set.all = t.qualifier
			continue
		case spfMechanism:
			set.clean = set.clean && alls == 0
		}
		set.clean = set.clean && !seen[t.key]
		seen[t.key] = true
		set.terms = append(set.terms, t)
	}
	if exps > 1 {
		return &spfSet{err: errors.New("it has exp= more than once")}
	}
	set.clean = set.clean && alls == 1
	return set
}

// mergeSPF adds terms to a record (ietf-05 section 9.4). Order is kept, terms
// that are there already do not come again, and of two qualifiers the least
// restrictive stays. changed is false when the record already says all that
// the terms say; it is then best left alone, with the policy and the order
// that its owner gave it. A changed record ends in exactly one all, whose
// qualifier is the least restrictive of ~ and what was there.
func mergeSPF(base *spfSet, terms []spfTerm) (text string, lookups int, changed bool, err error) {
	merged := make(spfTerms, 0, len(base.terms)+len(terms)+1)
	changed = !base.clean
	for _, t := range base.terms {
		if _, err := merged.add(t); err != nil {
			return "", 0, false, err
		}
	}
	for _, t := range terms {
		more, err := merged.add(t)
		if err != nil {
			return "", 0, false, err
		}
		changed = changed || more
	}
	all := base.all
	if all == 0 || restriction(all) > restriction(spfPolicy) {
		all = spfPolicy
	}
	merged = append(merged, spfTerm{kind: spfAll, qualifier: all, text: "all", plus: true})
	var b strings.Builder
	b.WriteString("v=spf1")
	for _, t := range merged {
		b.WriteByte(' ')
		b.WriteString(t.String())
		if t.lookup {
			lookups++
		}
	}
	return b.String(), lookups, changed, nil
}

// spfTerms are the terms of a record in the making.
type spfTerms []spfTerm

// add merges a term in; it is false when the terms say as much already.
func (m *spfTerms) add(t spfTerm) (bool, error) {
	for i := range *m {
		old := &(*m)[i]
		switch {
		case old.key == t.key && restriction(t.qualifier) < restriction(old.qualifier):
			old.qualifier, old.plus = t.qualifier, t.plus
			return true, nil
		case old.key == t.key:
			return false, nil
		case old.kind == spfExp && t.kind == spfExp:
			return false, errors.New("both have an exp= of their own")
		}
	}
	*m = append(*m, t)
	return true, nil
}

// restriction orders qualifiers: the lower, the more mail passes.
func restriction(qualifier byte) int { return strings.IndexByte("+?~-", qualifier) }
