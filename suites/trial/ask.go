package trial

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/miekg/dns"

	"github.com/dcconform/dcconform/suites/client"
	"github.com/dcconform/dcconform/suites/observe"
	"github.com/dcconform/dcconform/suites/target"
)

// Said is what one name server said to a question, or why it said nothing.
type Said struct {
	observe.Answer
	Err error
}

// Ask asks each of the target's name servers one question. network is "udp",
// where what is cut is asked again over TCP as any resolver does, or "tcp".
// The answers are evidence. When no server gives one over UDP, the case is
// inconclusive; over TCP that may be what is judged.
func (t *Trial) Ask(name string, rrtype uint16, network string) []Said {
	var said []Said
	if network == "tcp" {
		said = t.World.ask(t.Context(), name, rrtype, network)
	} else {
		var err error
		said, err = t.World.question(t.Context(), name, rrtype)
		t.spared(err)
	}
	var errs []error
	for _, s := range said {
		if s.Err != nil {
			errs = append(errs, s.Err)
			continue
		}
		t.Record("observation", fmt.Sprintf("%s %s over %s", name, dns.Type(rrtype), network), []byte(s.Observation().String()+"\n"))
	}
	if len(errs) == len(said) && network == "udp" {
		err := errors.Join(errs...)
		t.Interrupted(err)
		t.Inconclusive("no-dns", "no name server of the target answers: "+err.Error())
	}
	return said
}

// question asks over UDP, unless no server has answered for a while: then the
// error says so.
func (w *World) question(ctx context.Context, name string, rrtype uint16) ([]Said, error) {
	if err := w.patience.allow(wayQuestion); err != nil {
		return nil, err
	}
	said := w.ask(ctx, name, rrtype, "udp")
	var errs []error
	for _, s := range said {
		if s.Err == nil {
			w.patience.answered(wayQuestion)
			return said, nil
		}
		errs = append(errs, s.Err)
	}
	w.patience.noteQuestion(ctx, errors.Join(errs...))
	return said, nil
}

func (w *World) ask(ctx context.Context, name string, rrtype uint16, network string) []Said {
	said := make([]Said, len(w.Zones.List))
	for i, server := range w.Zones.List {
		if network == "tcp" {
			said[i].Answer, said[i].Err = server.AskTCP(ctx, name, rrtype)
			continue
		}
		said[i].Answer, said[i].Err = server.Ask(ctx, name, rrtype)
	}
	return said
}

// Texts are the TXT contents that an answer leads to, character-strings
// joined, sorted. An alias that leads out of the answer is followed at the
// target's resolver, or else at the server that gave it.
func (t *Trial) Texts(s Said, network string) []string {
	texts, err := t.World.texts(t.Context(), s, network)
	if err != nil {
		t.Interrupted(err)
		t.Inconclusive("alias", err.Error()+"; give dns.resolver, which can follow it")
	}
	return texts
}

func (w *World) texts(ctx context.Context, s Said, network string) ([]string, error) {
	end := dns.CanonicalName(s.Name)
	for range client.MaxAliases {
		var texts []string
		next := end
		for _, r := range s.Records {
			switch {
			case r.Type == "CNAME" && r.Owner == next:
				next = dns.CanonicalName(r.Data)
			case r.Type == "TXT" && r.Owner == next:
				texts = append(texts, r.Text())
			}
		}
		if len(texts) > 0 || next == end {
			slices.Sort(texts)
			return slices.Compact(texts), nil
		}
		end = next
		if s = w.follow(ctx, s.Server, end, network); s.Err != nil || s.Rcode != dns.RcodeSuccess && s.Rcode != dns.RcodeNameError {
			return nil, fmt.Errorf("the alias to %s cannot be followed at %s", end, s.Server)
		}
	}
	return nil, fmt.Errorf("there are more than %d aliases at %s", client.MaxAliases, s.Name)
}

// follow asks where an alias leads.
func (w *World) follow(ctx context.Context, server, name, network string) (s Said) {
	asked := observe.Server{Addr: w.Target.DNS.Resolver, Recursive: true, Dial: w.Dialer.DialContext}
	for _, known := range w.Zones.List {
		if w.Target.DNS.Resolver == "" && known.Addr == server {
			asked = known
		}
	}
	if network == "tcp" {
		s.Answer, s.Err = asked.AskTCP(ctx, name, dns.TypeTXT)
	} else {
		s.Answer, s.Err = asked.Ask(ctx, name, dns.TypeTXT)
	}
	return s
}

// Held are the target's domains that the provider holds.
func (t *Trial) Held() []target.Domain {
	return slices.DeleteFunc(slices.Clone(t.World.Target.Domains), func(d target.Domain) bool { return d.Role == "absent" })
}
