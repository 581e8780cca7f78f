package zone

import (
	"iter"
	"strings"

	"github.com/miekg/dns"
)

// find returns the node under a key, nil without.
func (z *Zone) find(key string) *node {
	n, _ := z.names.Get(key)
	return n
}

// lookup returns the node at a name, nil without.
func (z *Zone) lookup(owner string) *node {
	var buf [256]byte
	key, ok := appendKey(buf[:0], owner, z.origin)
	if !ok {
		return nil
	}
	return z.find(string(key))
}

// under calls f for the nodes whose key starts with prefix, in order, until it
// returns false.
func (z *Zone) under(prefix string, f func(key string, n *node) bool) {
	z.names.Ascend(prefix, func(key string, n *node) bool {
		return strings.HasPrefix(key, prefix) && f(key, n)
	})
}

// Records yields all records in canonical order: apex first, owners by
// reversed labels, then type by number (extension types last), then data.
func (z *Zone) Records() iter.Seq[Record] {
	return z.below("")
}

// At yields the records at one owner (absolute, any case).
func (z *Zone) At(owner string) iter.Seq[Record] {
	return func(yield func(Record) bool) {
		if n := z.lookup(owner); n != nil {
			n.each(yield)
		}
	}
}

// Below yields the records at owner and under it, at label boundaries.
func (z *Zone) Below(owner string) iter.Seq[Record] {
	key, ok := appendKey(nil, owner, z.origin)
	if !ok {
		return func(func(Record) bool) {}
	}
	return z.below(string(key))
}

func (z *Zone) below(prefix string) iter.Seq[Record] {
	return func(yield func(Record) bool) {
		z.under(prefix, func(_ string, n *node) bool { return n.each(yield) })
	}
}

// each yields the node's records; it is false when yield was.
func (n *node) each(yield func(Record) bool) bool {
	for i := range n.sets {
		for j := range n.sets[i].entries {
			if !yield(n.sets[i].entries[j].rec) {
				return false
			}
		}
	}
	return true
}

// RRset returns the DNS records of one owner (absolute, any case) and type,
// ready to be served (shared, not to be modified) and with one TTL, the
// lowest of the set (RFC 2181 section 5.2); nil when there are none.
// Extension types have none.
func (z *Zone) RRset(owner string, rrtype uint16) []dns.RR {
	return z.lookup(owner).served(rrtype)
}

// Types lists the DNS types at an owner, ascending. A name that exists only
// for an extension type, or only because of names below it, has none.
func (z *Zone) Types(owner string) []uint16 {
	n := z.lookup(owner)
	if n == nil {
		return nil
	}
	var types []uint16
	for i := range n.sets {
		if n.sets[i].rrtype != 0 {
			types = append(types, n.sets[i].rrtype)
		}
	}
	return types
}

// Exists reports whether a name exists: it has records (those of extension
// types included), or is an empty non-terminal. The apex always exists.
func (z *Zone) Exists(owner string) bool {
	var buf [256]byte
	key, ok := appendKey(buf[:0], owner, z.origin)
	if !ok {
		return false
	}
	if len(key) == 0 {
		return true
	}
	found := false
	z.under(string(key), func(string, *node) bool {
		found = true
		return false
	})
	return found
}

// Cut returns the highest delegation (NS below the apex) at or above owner.
func (z *Zone) Cut(owner string) (string, bool) {
	var buf [256]byte
	key, ok := appendKey(buf[:0], owner, z.origin)
	if !ok {
		return "", false
	}
	for i, c := range key {
		if c != 0 {
			continue
		}
		if n := z.find(string(key[:i+1])); n.set(dns.TypeNS) != nil {
			return n.owner, true
		}
	}
	return "", false
}
