package dnsd

import (
	"crypto/hmac"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"slices"
	"time"

	"github.com/miekg/dns"
)

// tsigFudge is how far apart in seconds the clocks of the two ends may be, as
// RFC 8945 section 10 recommends.
const tsigFudge = 300

// tsigAlgorithms are the ones that a key may be used with.
var tsigAlgorithms = map[string]func() hash.Hash{dns.HmacSHA256: sha256.New, dns.HmacSHA512: sha512.New}

// tsigKeys are the secrets by canonical key name, in base64. They are the
// dns.TsigProvider of the server.
type tsigKeys map[string]string

// newTSIGKeys checks the keys of a configuration.
func newTSIGKeys(secrets map[string]string) (tsigKeys, error) {
	if len(secrets) == 0 {
		return nil, nil
	}
	keys := tsigKeys{}
	for name, secret := range secrets {
		canonical := dns.CanonicalName(name)
		if _, ok := dns.IsDomainName(name); !ok || canonical == "." {
			return nil, fmt.Errorf("TSIG key %q: the name of a key is a domain name, such as seed.example", name)
		}
		if _, twice := keys[canonical]; twice {
			return nil, fmt.Errorf("TSIG key %q is given twice: key names compare without regard to letter case", name)
		}
		// The secret itself is in no message: it would end in a log.
		if raw, err := base64.StdEncoding.DecodeString(secret); err != nil || len(raw) == 0 {
			return nil, fmt.Errorf("TSIG key %q: the secret is not base64; make one with: openssl rand -base64 32", name)
		}
		keys[canonical] = secret
	}
	return keys, nil
}

// Generate returns the MAC over what miekg/dns has put together.
func (keys tsigKeys) Generate(msg []byte, t *dns.TSIG) ([]byte, error) {
	secret, known := keys[dns.CanonicalName(t.Hdr.Name)]
	if !known {
		return nil, dns.ErrSecret
	}
	algorithm, known := tsigAlgorithms[dns.CanonicalName(t.Algorithm)]
	if !known {
		return nil, dns.ErrKeyAlg
	}
	raw, err := base64.StdEncoding.DecodeString(secret)
	if err != nil {
		return nil, err
	}
	h := hmac.New(algorithm, raw)
	h.Write(msg)
	return h.Sum(nil), nil
}

// Verify compares the MAC of a request.
func (keys tsigKeys) Verify(msg []byte, t *dns.TSIG) error {
	want, err := keys.Generate(msg, t)
	if err != nil {
		return err
	}
	got, err := hex.DecodeString(t.MAC)
	if err != nil || !hmac.Equal(got, want) {
		return dns.ErrSig
	}
	return nil
}

// tsigState is what the answers to a request that carried a TSIG are signed
// with.
type tsigState struct {
	// record is the one of the answer, without its MAC; nil when the request
	// had none.
	record *dns.TSIG
	// mac is that of the message before: the request, or the one before in a
	// transfer, whose later messages are signed with timers only (RFC 8945
	// section 5.3.1).
	mac   string
	later bool
}

// authenticate looks at the TSIG of a request, when the server has keys. It is
// false when the request is refused; then the response is complete (RFC 8945
// section 5.2). A request without TSIG passes, unauthenticated.
func (s *Server) authenticate(w dns.ResponseWriter, k *work, req *dns.Msg) bool {
	if s.keys == nil {
		return true
	}
	t := req.IsTsig()
	for i, rr := range req.Extra {
		if rr.Header().Rrtype == dns.TypeTSIG && (t == nil || i < len(req.Extra)-1) {
			k.resp.Rcode = dns.RcodeFormatError
			return false
		}
	}
	if t == nil {
		return true
	}
	k.tsig = tsigState{mac: t.MAC, record: &dns.TSIG{
		Hdr:       dns.RR_Header{Name: t.Hdr.Name, Rrtype: dns.TypeTSIG, Class: dns.ClassANY},
		Algorithm: dns.CanonicalName(t.Algorithm), Fudge: tsigFudge, OrigId: req.Id,
		TimeSigned: uint64(time.Now().Unix()),
	}}
	err := w.TsigStatus()
	if err == nil {
		return true
	}
	k.resp.Rcode = dns.RcodeNotAuth
	answer := k.tsig.record
	switch {
	case errors.Is(err, dns.ErrTime):
		// The answer is signed, with the client's time in it and ours beside.
		answer.OtherData, answer.OtherLen = fmt.Sprintf("%012x", answer.TimeSigned), 6
		answer.TimeSigned, answer.Error = t.TimeSigned, dns.RcodeBadTime
	case errors.Is(err, dns.ErrSecret), errors.Is(err, dns.ErrKeyAlg):
		answer.Error = dns.RcodeBadKey
	default:
		answer.Error = dns.RcodeBadSig
	}
	k.remark = fmt.Sprintf("key %s: %s", t.Hdr.Name, dns.RcodeToString[int(answer.Error)])
	return false
}

// authenticated reports whether the request was signed by a key holder.
func (k *work) authenticated() bool { return k.tsig.record != nil && k.tsig.record.Error == 0 }

// pack writes the response in wire form, signed where the request was.
func (s *Server) pack(k *work) ([]byte, error) {
	if k.tsig.record == nil {
		return k.resp.PackBuffer(k.buf[:cap(k.buf)])
	}
	m := k.resp
	record := *k.tsig.record
	m.Extra = append(slices.Clone(m.Extra), &record)
	wire, mac, err := dns.TsigGenerateWithProvider(&m, s.keys, k.tsig.mac, k.tsig.later)
	if err != nil {
		return nil, fmt.Errorf("cannot sign the answer with key %s: %w", record.Hdr.Name, err)
	}
	k.tsig.mac, k.tsig.later = mac, true
	return wire, nil
}

// shorten packs a response that was too long, so that it fits.
func (s *Server) shorten(k *work) ([]byte, error) {
	if k.tsig.record == nil {
		k.resp.Truncate(k.size)
		return s.pack(k)
	}
	// A signature needs its room whatever is left out, so all data goes.
	k.resp.Truncated = true
	k.resp.Answer, k.resp.Ns = nil, nil
	k.resp.Extra = slices.DeleteFunc(k.resp.Extra, func(rr dns.RR) bool { return rr.Header().Rrtype != dns.TypeOPT })
	return s.pack(k)
}
