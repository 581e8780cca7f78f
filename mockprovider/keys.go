package mockprovider

import (
	"context"
	"fmt"
	"time"

	"github.com/miekg/dns"

	"github.com/dcconform/dcconform/mockprovider/store"
)

const (
	// keyTime bounds one exchange with the name server.
	keyTime = 2 * time.Second
	// keyHops bounds the CNAMEs between a key name and its records.
	keyHops = 8
)

// KeysAt finds public keys at another name server than the mock's own, for
// TenantConfig.Keys. addr is host:port, for UDP and TCP; the server has to
// know every key zone, since nothing is asked recursively.
func KeysAt(addr string) store.KeyResolver { return resolver(addr) }

// resolver finds keys as a provider does: it asks a name server over UDP, over
// TCP when the answer was cut, and follows CNAMEs.
func resolver(addr string) store.KeyResolver {
	return func(ctx context.Context, name string) ([][]string, error) {
		name = dns.Fqdn(name)
		for range keyHops {
			answer, err := ask(ctx, addr, name)
			if err != nil {
				return nil, err
			}
			txt, end := follow(answer.Answer, name)
			if end != name && store.IsDirectOnly(ctx) {
				return nil, nil
			}
			if len(txt) > 0 || end == name || answer.Rcode == dns.RcodeNameError {
				return txt, nil
			}
			name = end
		}
		return nil, fmt.Errorf("the key at %s is behind more than %d CNAMEs", name, keyHops)
	}
}

// ask sends one TXT query.
func ask(ctx context.Context, addr, name string) (*dns.Msg, error) {
	q := new(dns.Msg).SetQuestion(name, dns.TypeTXT)
	q.SetEdns0(dns.DefaultMsgSize, false)
	q.RecursionDesired = false
	for _, network := range []string{"udp", "tcp"} {
		client := dns.Client{Net: network, Timeout: keyTime}
		answer, _, err := client.ExchangeContext(ctx, q, addr)
		switch {
		case err != nil:
			return nil, fmt.Errorf("the key at %s cannot be looked up over %s: %w", name, network, err)
		case answer.Truncated:
			continue
		case answer.Rcode != dns.RcodeSuccess && answer.Rcode != dns.RcodeNameError:
			return nil, fmt.Errorf("the key at %s cannot be looked up: the name server answers %s", name, dns.RcodeToString[answer.Rcode])
		}
		return answer, nil
	}
	return nil, fmt.Errorf("the key at %s cannot be looked up: the answer is cut over TCP too", name)
}

// follow walks the CNAMEs of an answer and returns the TXT data at their end,
// or nothing and the name where they end.
func follow(answer []dns.RR, name string) (txt [][]string, end string) {
	at := dns.CanonicalName(name)
	for range answer {
		next := ""
		for _, rr := range answer {
			if dns.CanonicalName(rr.Header().Name) != at {
				continue
			}
			switch rr := rr.(type) {
			case *dns.TXT:
				txt = append(txt, unescape(rr.Txt))
			case *dns.CNAME:
				next = rr.Target
			}
		}
		if len(txt) > 0 || next == "" {
			break
		}
		name, at = next, dns.CanonicalName(next)
	}
	return txt, name
}

// unescape turns character-strings as miekg/dns keeps them, in presentation
// form, into their octets.
func unescape(strings []string) []string {
	plain := make([]string, len(strings))
	for i, s := range strings {
		b := make([]byte, 0, len(s))
		for j := 0; j < len(s); j++ {
			switch {
			case s[j] != '\\' || j+1 == len(s):
				b = append(b, s[j])
			case j+3 < len(s) && digit(s[j+1]) && digit(s[j+2]) && digit(s[j+3]):
				b = append(b, (s[j+1]-'0')*100+(s[j+2]-'0')*10+s[j+3]-'0')
				j += 3
			default:
				b = append(b, s[j+1])
				j++
			}
		}
		plain[i] = string(b)
	}
	return plain
}

func digit(c byte) bool { return c >= '0' && c <= '9' }
