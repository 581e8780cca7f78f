package fault

import (
	"errors"
	"fmt"
	"html"
	"net/netip"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/miekg/dns"

	"github.com/dcconform/dcconform/mockprovider/dc"
	"github.com/dcconform/dcconform/mockprovider/resolve"
	"github.com/dcconform/dcconform/mockprovider/store"
)

// variables are misbehaviours in putting values into a template.
var variables = []Fault{
	{"fqdn-leading-dot", "Without a host %fqdn% begins with a dot.",
		[]string{"DC-VAR-BUILTINS"},
		rereading(func(ask *resolve.Request, rec *dc.Record) bool {
			return ask.Host == "" && instead(&rec.Data, "%fqdn%", ".%fqdn%")
		})},
	{"fqdn-without-host", "%fqdn% is the domain, whatever the host.",
		[]string{"DC-VAR-BUILTINS"},
		rereading(func(_ *resolve.Request, rec *dc.Record) bool { return instead(&rec.Data, "%fqdn%", "%domain%") })},
	{"fqdn-parameter-wins", "A parameter named fqdn decides where the template is applied.",
		[]string{"DC-VAR-BUILTIN-NOT-OVERRIDDEN"}, fqdnParameter()},
	{"at-pointsto-apex", "@ in pointsTo always means the apex.",
		[]string{"DC-VAR-AT-IN-POINTSTO", "DC-RT-MX-SPECIAL"}, rendering(pointAtApex)},
	{"raw-json-scan", "Variables are looked for in the JSON text, so that escaped per cent signs are none.",
		[]string{"DC-VAR-JSON-DECODE-FIRST"},
		rereading(rawExpressions)},
	{"numeric-coercion", "Values that look like numbers are read as numbers.",
		[]string{"DC-VAR-STRING-VALUES"}, values(func(v string) string {
			if f, err := strconv.ParseFloat(v, 64); err == nil && strings.ContainsAny(v[:1], "0123456789") {
				return strconv.FormatFloat(f, 'f', -1, 64)
			}
			return v
		})},
	{"regex-replacement-expansion", "$1 in a value is expanded, to the name of the variable.",
		[]string{"DC-VAR-EXACT-VALUE"}, asking(func(_ *dc.Template, ask *resolve.Request) {
			for name, v := range ask.Variables {
				ask.Variables[name] = strings.ReplaceAll(v, "$1", name)
			}
		})},
	{"value-trimmed", "White space around and inside values is cleaned up.",
		[]string{"DC-VAR-EXACT-VALUE"}, values(func(v string) string { return strings.Join(strings.Fields(v), " ") })},
	{"value-html-decoded", "Values are decoded as HTML once more.",
		[]string{"DC-VAR-EXACT-VALUE"}, values(html.UnescapeString)},
	{"backslash-kept", "A backslash in a value is a backslash: escapes have no meaning.",
		[]string{"DC-VAR-PRESENTATION-VALUES"}, values(func(v string) string { return strings.ReplaceAll(v, `\`, `\\`) })},
	{"quote-breaks-out", "A quote in a value ends the string that the template began.",
		[]string{"DC-VAR-PRESENTATION-VALUES"}, rendering(breakOut)},
	{"inactive-variable-missing", "Variables of records in unlisted groups have to be given.",
		[]string{"DC-VAR-ACTIVE-ONLY"}, rendering(wantAll)},
	{"recursive-substitution", "What was put in is searched again.",
		[]string{"DC-VAR-SINGLE-PASS"},
		asking(func(_ *dc.Template, ask *resolve.Request) {
			for name, v := range ask.Variables {
				for other, w := range ask.Variables {
					if other != name {
						v = strings.ReplaceAll(v, "%"+other+"%", w)
					}
				}
				ask.Variables[name] = v
			}
		})},
	{"leftover-check", "A per cent sign that is left after substitution is an error.",
		[]string{"DC-VAR-EXPRESSION-IN-RESULT-KEPT"}, rendering(leftovers)},
	{"first-occurrence-only", "Only the first of several equal expressions is replaced.",
		[]string{"DC-VAR-ALL-OCCURRENCES"},
		rereading(firstOccurrence)},
	{"percent-space-percent", "Any text between two per cent signs is read as a variable.",
		[]string{"DC-VAR-LITERAL-PERCENT"},
		texts(func(_ resolve.Request, text string) string {
			return regexp.MustCompile("%[^%]* [^%]*%").ReplaceAllString(text, "")
		})},
	{"double-percent-folded", "Two per cent signs become one.",
		[]string{"DC-VAR-LITERAL-PERCENT"},
		texts(func(_ resolve.Request, text string) string { return strings.ReplaceAll(text, "%%", "%") })},
	{"empty-is-missing", "An empty value counts as a missing one.",
		[]string{"DC-VAR-EMPTY-VALUE", "DC-REQ-MISSING-VARIABLE"}, rendering(wantFilled)},
	{"numeric-variable-late-failure", "A template with variables in numbers is said to be supported and fails when it is applied.",
		[]string{"DC-VAR-NUMERIC-SUPPORT"}, rendering(noNumbers)},
	{"uint16-wrap", "Numbers beyond 65535 wrap around.",
		[]string{"DC-VAR-NUMERIC-RANGE"}, values(func(v string) string {
			if n, err := strconv.Atoi(v); err == nil && (n > 65535 || n < 0) {
				return strconv.Itoa(int(uint16(n)))
			}
			return v
		})},
	{"number-defaulted", "What is no number becomes 0.",
		[]string{"DC-VAR-NUMERIC-RANGE"},
		valuesIn(numberFields, func(_ *resolve.Request, v string) string {
			if _, err := strconv.Atoi(v); err != nil {
				return "0"
			}
			return v
		})},
	{"bad-address-skipped", "A record with a bad value is dropped, and the rest is written.",
		[]string{"DC-VAR-TYPE-CHECK", "DC-APPLY-ATOMIC"}, rendering(dropBad)},
	{"address-unchecked", "An address that is none is written as far as it can be read.",
		[]string{"DC-VAR-TYPE-CHECK"}, valuesIn(targetOf("A", "AAAA"), asFarAsItGoes)},
	{"target-repaired", "In a target that is no name a hyphen takes the place of what may not stand there.",
		[]string{"DC-VAR-TYPE-CHECK"}, valuesIn(targetOf("CNAME"), func(_ *resolve.Request, v string) string {
			return notInNames.ReplaceAllString(v, "-")
		})},
	{"variable-record-type", "Variables take effect where none may stand: the caller chooses group and type.",
		[]string{"DC-VAR-NO-SUBSTITUTION-ELSEWHERE"}, both(groupOfCaller(), asking(groupFromVariable))},
}

// values changes the values of all variables that a request gives.
func values(change func(string) string) func(*store.TenantConfig) {
	return asking(func(_ *dc.Template, ask *resolve.Request) {
		for name, v := range ask.Variables {
			if v != "" {
				ask.Variables[name] = change(v)
			}
		}
	})
}

// texts changes the rendered texts of TXT records.
func texts(change func(ask resolve.Request, text string) string) func(*store.TenantConfig) {
	return rendering(func(_ *dc.Template, ask resolve.Request, records []dc.Resolved, err error) ([]dc.Resolved, error) {
		records = slices.Clone(records)
		for i, r := range records {
			txt, ok := r.RR.(*dns.TXT)
			if !ok || len(txt.Txt) != 1 {
				continue
			}
			other, isTXT := dns.Copy(txt).(*dns.TXT)
			if isTXT {
				other.Txt[0] = change(ask, txt.Txt[0])
				records[i].RR = other
			}
		}
		return records, err
	})
}

// fqdnParameter lets a parameter named fqdn stand for the host.
func fqdnParameter() func(*store.TenantConfig) {
	host := regexp.MustCompile("(^|&)host=[^&]*")
	return parameters(func(raw string) string {
		for pair := range strings.SplitSeq(raw, "&") {
			if v, ok := strings.CutPrefix(pair, "fqdn="); ok {
				label, _, _ := strings.Cut(v, ".")
				return host.ReplaceAllString(raw, "${1}host="+label)
			}
		}
		return raw
	})
}

// callerGroup stands for the group that a variable makes.
const callerGroup = "from-variable"

// groupOfCaller reads a group with a variable in it.
func groupOfCaller() func(*store.TenantConfig) {
	return func(c *store.TenantConfig) {
		c.Hooks.Template = append(c.Hooks.Template, func(t *dc.Template) *dc.Template {
			if t == nil || !strings.Contains(strings.Join(t.Groups(), ""), "%") {
				return t
			}
			bent := *t
			bent.Records = slices.Clone(t.Records)
			for i := range bent.Records {
				bent.Records[i].GroupID = callerGroup
			}
			return &bent
		})
	}
}

// groupFromVariable takes the group that the caller names for it.
func groupFromVariable(t *dc.Template, ask *resolve.Request) {
	if ask.Groups != nil && slices.Contains(t.Groups(), callerGroup) {
		ask.Groups = []string{callerGroup}
	}
}

// pointAtApex makes records that point at their own name point at the domain.
func pointAtApex(_ *dc.Template, ask resolve.Request, records []dc.Resolved, err error) ([]dc.Resolved, error) {
	own, nameErr := resolve.FQDN(ask.Domain, ask.Host)
	apex, apexErr := resolve.FQDN(ask.Domain, "")
	if err != nil || nameErr != nil || apexErr != nil {
		return records, err
	}
	records = slices.Clone(records)
	for i, r := range records {
		if r.RR == nil {
			continue
		}
		rr := dns.Copy(r.RR)
		switch rr := rr.(type) {
		case *dns.CNAME:
			rr.Target = swap(rr.Target, own, apex)
		case *dns.MX:
			rr.Mx = swap(rr.Mx, own, apex)
		case *dns.SRV:
			rr.Target = swap(rr.Target, own, apex)
		}
		records[i].RR = rr
	}
	return records, nil
}

func swap(name, from, to string) string {
	if name == from {
		return to
	}
	return name
}

// instead puts something in the place of an expression, and reports whether it
// was there.
func instead(field *string, old, other string) bool {
	before := *field
	*field = strings.ReplaceAll(before, old, other)
	return *field != before
}

// keptAs has an expression stand in what comes out: by a variable of its own,
// whose value is the expression's text.
func keptAs(ask *resolve.Request, name string) (expression string) {
	ask.Variables["kept-"+name] = "%" + name + "%"
	return "%kept-" + name + "%"
}

// rawExpressions finds no variable in the text of a record whose per cent signs
// are escaped.
func rawExpressions(ask *resolve.Request, rec *dc.Record) bool {
	raw, kept := string(rec.Member("data")), false
	for _, found := range expression.FindAllStringSubmatch(rec.Data, -1) {
		if !strings.Contains(raw, found[0]) {
			kept = instead(&rec.Data, found[0], keptAs(ask, found[1])) || kept
		}
	}
	return kept
}

// firstOccurrence replaces the first of several equal expressions of a text.
func firstOccurrence(ask *resolve.Request, rec *dc.Record) bool {
	seen, kept := map[string]bool{}, false
	rec.Data = expression.ReplaceAllStringFunc(rec.Data, func(found string) string {
		if !seen[found] {
			seen[found] = true
			return found
		}
		kept = true
		return keptAs(ask, strings.Trim(found, "%"))
	})
	return kept
}

// notInNames are octets that stand in no name of a host, nor in one with
// underscores.
var notInNames = regexp.MustCompile(`[^A-Za-z0-9_.-]`)

// asFarAsItGoes reads an address as C programs do that check nothing: numbers
// modulo 256, or up to the first character that does not belong there.
func asFarAsItGoes(_ *resolve.Request, v string) string {
	if _, err := netip.ParseAddr(v); err == nil {
		return v
	}
	numbers := strings.Split(v, ".")
	for i, s := range numbers {
		if n, err := strconv.Atoi(s); err == nil {
			numbers[i] = strconv.Itoa(n & 0xff)
		}
	}
	if len(numbers) == 4 {
		return strings.Join(numbers, ".")
	}
	return regexp.MustCompile("^[0-9A-Fa-f:]*").FindString(v)
}

// breakOut reads quoted texts only when the values are in them, so that a quote
// in a value ends a string.
func breakOut(t *dc.Template, ask resolve.Request, records []dc.Resolved, err error) ([]dc.Resolved, error) {
	records = slices.Clone(records)
	for i, r := range records {
		data := t.Records[r.Index].Data
		for name, v := range ask.Variables {
			data = strings.ReplaceAll(data, "%"+name+"%", v)
		}
		if txt, ok := r.RR.(*dns.TXT); !ok || data[0] != '"' || data == t.Records[r.Index].Data {
			continue
		} else if rr, parseErr := dns.NewRR(txt.Hdr.Name + " 0 IN TXT " + data); parseErr == nil {
			rr.Header().Ttl = r.TTL
			records[i].RR = rr
		}
	}
	return records, err
}

// wantAll demands the variables of all records.
func wantAll(t *dc.Template, ask resolve.Request, records []dc.Resolved, err error) ([]dc.Resolved, error) {
	for _, v := range resolve.Variables(t, nil) {
		if _, ok := ask.Variables[v.Name]; !ok && err == nil {
			return nil, missing(v.Name)
		}
	}
	return records, err
}

func missing(name string) error {
	return &dc.Error{Class: dc.ErrVariable, Record: -1, Field: name, Message: fmt.Sprintf("the variable %s is missing", name)}
}

// leftovers refuses texts with an expression in them.
func leftovers(_ *dc.Template, ask resolve.Request, records []dc.Resolved, err error) ([]dc.Resolved, error) {
	for name, v := range ask.Variables {
		if strings.Count(v, "%") > 1 {
			return nil, missing(name)
		}
	}
	return records, err
}

// wantFilled refuses empty values.
func wantFilled(_ *dc.Template, ask resolve.Request, records []dc.Resolved, err error) ([]dc.Resolved, error) {
	for name, v := range ask.Variables {
		if v == "" {
			return nil, missing(name)
		}
	}
	return records, err
}

// noNumbers fails where a number comes from a variable.
func noNumbers(t *dc.Template, _ resolve.Request, records []dc.Resolved, err error) ([]dc.Resolved, error) {
	for i := range t.Records {
		if expression.MatchString(strings.Join(numberFields(&t.Records[i]), " ")) {
			return nil, &dc.Error{Class: dc.ErrNumber, Record: i, Field: "port", Message: "variables in numbers are not supported"}
		}
	}
	return records, err
}

// dropBad leaves out the records that cannot be rendered.
func dropBad(t *dc.Template, ask resolve.Request, records []dc.Resolved, err error) ([]dc.Resolved, error) {
	var refusal *dc.Error
	if !errors.As(err, &refusal) || refusal.Class != dc.ErrAddress {
		return records, err
	}
	var kept []dc.Resolved
	for i := range t.Records {
		one := *t
		one.Records = t.Records[i : i+1]
		if r, oneErr := resolve.Resolve(&one, ask, dc.Rules{}); oneErr == nil {
			kept = append(kept, r...)
		}
	}
	if len(kept) == 0 || len(t.Records) < 2 {
		return records, err
	}
	return kept, nil
}
