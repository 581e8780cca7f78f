package resolve

import (
	"net"
	"net/netip"
	"net/url"
	"strconv"
	"strings"

	"github.com/miekg/dns"

	"github.com/dcconform/dcconform/mockprovider/dc"
)

// maxTTL is the largest TTL (RFC 2181 section 8).
const maxTTL = 1<<31 - 1

// recordResolver resolves one record.
type recordResolver struct {
	*scope
	record  *dc.Record
	index   int
	edition dc.Edition
}

func (r *recordResolver) fail(class dc.ErrorClass, field, format string, args ...any) *dc.Error {
	return fail(class, r.index, field, format, args...)
}

// render reads a member of the record and replaces its variables.
func (r *recordResolver) render(field string) rendered {
	return r.scope.render(r.record.Text(field))
}

// resolve makes the record.
func (r *recordResolver) resolve() (dc.Resolved, error) {
	sh, shapeErr := shapeOf(r.record)
	if shapeErr != nil {
		shapeErr.Record = r.index
		return dc.Resolved{}, shapeErr
	}
	out := dc.Resolved{Index: r.index, GroupID: r.record.GroupID, Type: sh.name, OnApply: r.onApply()}
	var err *dc.Error
	if out.Owner, err = r.ownerOf(sh); err != nil {
		return dc.Resolved{}, err
	}
	if sh.has("ttl") {
		if out.TTL, err = r.ttl(); err != nil {
			return dc.Resolved{}, err
		}
	}
	if sh.code == 0 {
		err = r.pseudo(&out)
	} else {
		err = r.ordinary(&out, sh)
	}
	if err != nil {
		return dc.Resolved{}, err
	}
	return out, nil
}

// onApply reads essential. Letter case counts in dcspec-2.3 alone; another
// word is a linter's matter and means the default, Always, which keeps more.
func (r *recordResolver) onApply() bool {
	if r.edition == dc.DCSpec23 {
		return r.record.Essential == "OnApply"
	}
	return strings.EqualFold(r.record.Essential, "OnApply")
}

func (r *recordResolver) ownerOf(sh shape) (string, *dc.Error) {
	if sh.name == "SRV" && !sh.generic {
		prefix, err := r.servicePrefix()
		if err != nil {
			return "", err
		}
		return r.owner("name", prefix)
	}
	owner, err := r.owner("host", "")
	if err != nil {
		return "", err
	}
	if sh.name == dc.TypeAPEXCNAME && owner != r.fqdn+"." {
		return "", r.fail(dc.ErrName, "host", "an APEXCNAME stands at the applied name %s. itself, not at %s; leave out host or write @", r.fqdn, owner)
	}
	return owner, nil
}

// pseudo fills in the types that are not DNS types.
func (r *recordResolver) pseudo(out *dc.Resolved) (err *dc.Error) {
	switch out.Type {
	case dc.TypeSPFM:
		out.Value = r.render("spfRules").text
	case dc.TypeAPEXCNAME:
		out.Value, err = r.target("pointsTo", false)
	default:
		out.Value, err = r.redirect()
	}
	return err
}

// ordinary makes the resource record.
func (r *recordResolver) ordinary(out *dc.Resolved, sh shape) (err *dc.Error) {
	header := dns.RR_Header{Name: out.Owner, Rrtype: sh.code, Class: dns.ClassINET, Ttl: out.TTL}
	var rr dns.RR
	switch {
	case sh.name == "TXT" && !(sh.generic && strings.HasPrefix(r.record.Data, `\#`)):
		rr, err = r.txt(header)
	case sh.generic:
		rr, err = r.genericRR(header, sh)
	default:
		rr, err = r.ownFields(header, sh)
	}
	if err == nil && sh.name == "TXT" {
		err = r.txtMode(out)
	}
	if err != nil {
		return err
	}
	out.RR, err = r.onWire(rr)
	return err
}

// ownFields makes a record of a type that has members of its own.
func (r *recordResolver) ownFields(h dns.RR_Header, sh shape) (rr dns.RR, err *dc.Error) {
	switch sh.name {
	case "A", "AAAA":
		return r.address(h)
	case "CNAME":
		c := &dns.CNAME{Hdr: h}
		c.Target, err = r.target("pointsTo", true)
		return c, err
	case "NS":
		// dcspec-2.3 gives @ a meaning for every type.
		n := &dns.NS{Hdr: h}
		n.Ns, err = r.target("pointsTo", r.edition == dc.DCSpec23)
		return n, err
	case "MX":
		m := &dns.MX{Hdr: h}
		if m.Mx, err = r.target("pointsTo", true); err != nil {
			return nil, err
		}
		m.Preference, err = r.uint16("priority")
		return m, err
	}
	return r.srv(h)
}

func (r *recordResolver) srv(h dns.RR_Header) (dns.RR, *dc.Error) {
	s := &dns.SRV{Hdr: h}
	var err *dc.Error
	for _, f := range []struct {
		name string
		to   *uint16
	}{{"priority", &s.Priority}, {"weight", &s.Weight}, {"port", &s.Port}} {
		if *f.to, err = r.uint16(f.name); err != nil {
			return nil, err
		}
	}
	if r.render("target").text == "." {
		s.Target = "." // the service is not available here (6.2)
		return s, nil
	}
	s.Target, err = r.target("target", true)
	return s, err
}

// address checks pointsTo of A and AAAA.
func (r *recordResolver) address(h dns.RR_Header) (dns.RR, *dc.Error) {
	text := r.render("pointsTo").text
	four := h.Rrtype == dns.TypeA
	want := "an IPv6 address such as 2001:db8::1"
	if four {
		want = "an IPv4 address such as 192.0.2.1"
	}
	ip, err := netip.ParseAddr(text)
	if err != nil || ip.Zone() != "" || ip.Is4() != four {
		return nil, r.fail(dc.ErrAddress, "pointsTo", "%s is not %s", quote(text), want)
	}
	if four {
		return &dns.A{Hdr: h, A: net.IP(ip.AsSlice())}, nil
	}
	return &dns.AAAA{Hdr: h, AAAA: net.IP(ip.AsSlice())}, nil
}

// servicePrefix is "service.protocol." in front of an SRV name (RFC 2782).
func (r *recordResolver) servicePrefix() (string, *dc.Error) {
	prefix := ""
	for _, field := range []string{"service", "protocol"} {
		label := r.render(field).text
		if r.edition == dc.DCSpec23 && label != "" && !strings.HasPrefix(label, "_") {
			// dcspec-2.3 does not say whether the underscore is written.
			label = "_" + label
		}
		if len(label) < 2 || len(label) > 63 || label[0] != '_' || nameLength(label) != len(label) || strings.HasSuffix(label, "-") {
			return "", r.fail(dc.ErrService, field, "%s is not a label with an underscore in front, such as _sip or _tcp", quote(label))
		}
		prefix += label + "."
	}
	return prefix, nil
}

// digits returns a member that is a number or one variable alone.
func (r *recordResolver) digits(field string) (string, *dc.Error) {
	value := r.render(field)
	if !value.constant() && !value.whole() {
		return "", r.fail(dc.ErrNumber, field, "%s mixes a variable with other text; write digits, or one variable alone", quote(value.template))
	}
	if value.text == "" || strings.Trim(value.text, "0123456789") != "" {
		return "", r.fail(dc.ErrNumber, field, "%s is not written in digits alone; write it as 10 or 3600", quote(value.text))
	}
	return value.text, nil
}

func (r *recordResolver) uint16(field string) (uint16, *dc.Error) {
	text, err := r.digits(field)
	if err != nil {
		return 0, err
	}
	n, parseErr := strconv.ParseUint(text, 10, 16)
	if parseErr != nil {
		return 0, r.fail(dc.ErrNumber, field, "%s is over 65535; write a number from 0 to 65535", quote(text))
	}
	return uint16(n), nil
}

// ttl reads the TTL. One that is too large is no reason to refuse an apply:
// the nearest that DNS supports is used (6.2).
func (r *recordResolver) ttl() (uint32, *dc.Error) {
	text, err := r.digits("ttl")
	if err != nil {
		return 0, err
	}
	n, parseErr := strconv.ParseUint(text, 10, 31)
	if parseErr != nil {
		return maxTTL, nil
	}
	return uint32(n), nil
}

// redirect checks the target of REDIR301 and REDIR302. Its case is kept.
func (r *recordResolver) redirect() (string, *dc.Error) {
	text := r.render("target").text
	bad := func(why string) (string, *dc.Error) {
		return "", r.fail(dc.ErrURL, "target", "%s %s; write an absolute URL such as https://www.example.com/", quote(text), why)
	}
	for i := range len(text) {
		if c := text[i]; c <= ' ' || c >= 0x7f || c == '\\' || c == '"' || c == '<' || c == '>' {
			return bad("holds a character that a URL has percent-encoded")
		}
	}
	u, err := url.Parse(text)
	switch {
	case err != nil:
		return bad("is not a URL")
	case u.Scheme != "http" && u.Scheme != "https":
		return bad("is not an http or https URL")
	case u.Hostname() == "":
		return bad("names no host")
	case u.User != nil:
		return bad("carries user information")
	}
	if port := u.Port(); port != "" {
		if _, err := strconv.ParseUint(port, 10, 16); err != nil {
			return bad("has a port over 65535")
		}
	}
	return text, nil
}

// onWire sends the record through its wire format, which proves that it can be
// served, and gives every record of one RDATA the same form.
func (r *recordResolver) onWire(rr dns.RR) (dns.RR, *dc.Error) {
	_, back, err := throughWire(rr)
	if err != nil {
		return nil, r.fail(dc.ErrData, "", "the record cannot be written in DNS: %s", plain(err))
	}
	back.Header().Rdlength = 0
	return back, nil
}

// plain takes the library's name and line numbers out of its messages.
func plain(err error) string {
	message, _, _ := strings.Cut(strings.TrimPrefix(err.Error(), "dns: "), " at line: ")
	return message
}
