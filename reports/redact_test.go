package reports

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"html"
	"image"
	"image/png"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// canary is a secret in which each encoding changes something.
const canary = `k4N/ärY+"7&<'zz>=\ w`

func redactor(t fataler, secrets ...string) *Redactor {
	t.Helper()
	d := new(Redactor)
	if err := d.Add(secrets...); err != nil {
		t.Fatal(err)
	}
	return d
}

func TestFormsOfASecret(t *testing.T) {
	b64 := base64.StdEncoding.EncodeToString
	quoted, err := json.Marshal(canary)
	if err != nil {
		t.Fatal(err)
	}
	inner := strings.Trim(string(quoted), `"`)
	for name, form := range map[string]string{
		"as it is":              canary,
		"query":                 url.QueryEscape(canary),
		"path":                  url.PathEscape(canary),
		"twice in a query":      url.QueryEscape(url.QueryEscape(canary)),
		"component, by hand":    "k4N%2F%C3%A4rY%2B%227%26%3C'zz%3E%3D%5C%20w",
		"lower-case percent":    "k4N%2f%c3%a4rY%2b%227%26%3c%27zz%3e%3d%5c%20w",
		"every octet":           "%6B%34%4E%2F%C3%A4%72%59%2B%22%37%26%3C%27%7A%7A%3E%3D%5C%20%77",
		"browser's query":       "k4N/%C3%A4rY+%227&%3C%27zz%3E=\\%20w",
		"JSON":                  inner,
		"JSON without HTML":     `k4N/ärY+\"7&<'zz>=\\ w`,
		"JSON with solidus":     `k4N\/ärY+\"7&<'zz>=\\ w`,
		"JSON in ASCII":         `k4N/\u00e4rY+\"7&<'zz>=\\ w`,
		"JSON in ASCII, upper":  `k4N/\u00E4rY+\"7&<'zz>=\\ w`,
		"JSON in JSON":          `k4N/ärY+\\\"7&<'zz>=\\\\ w`,
		"HTML":                  html.EscapeString(canary),
		"HTML by name":          `k4N/ärY+&quot;7&amp;&lt;&apos;zz&gt;=\ w`,
		"HTML by number":        `k4N&#x2F;ärY+&quot;7&amp;&lt;&#x27;zz&gt;&#x3D;\ w`,
		"query in HTML":         html.EscapeString("k4N/%C3%A4rY+%227&%3C%27zz%3E=\\%20w"),
		"query in JSON":         `k4N/%C3%A4rY+%227\u0026%3C%27zz%3E=\\%20w`,
		"hexadecimal":           hex.EncodeToString([]byte(canary)),
		"base64":                b64([]byte(canary)),
		"base64 of user:secret": b64([]byte("ann:" + canary + "!")),
		"base64 of x:secret":    b64([]byte("x:" + canary + "!!")),
		"base64 for URLs":       base64.RawURLEncoding.EncodeToString([]byte("u:" + canary)),
	} {
		got := redactor(t, canary).Text("before " + form + " after")
		if strings.HasPrefix(name, "base64") {
			// The characters at its ends depend on the neighbours and stay.
			if !strings.Contains(got, Redacted) || len(got)-len("before  after")-len(Redacted) > 12 {
				t.Errorf("%s: %s became %s", name, form, got)
			}
			continue
		}
		if got != "before "+Redacted+" after" {
			t.Errorf("%s: %s became %s", name, form, got)
		}
	}
}

// A text without secrets stays as it is, to the octet.
func TestInnocentTextIsLeftAlone(t *testing.T) {
	d := redactor(t, canary, "hunter22")
	for _, text := range []string{
		"", "GET /v2/x?sig=abc&key=_dck1&domain=example.com HTTP/1.1\r\nHost: a:1\r\n\r\n",
		"www.example.com. 300 IN TXT \"v=spf1 include:spf.example.com -all\"",
		"Location: https://a/?state=1\nContent-Type: text/html; charset=utf-8\n",
		`<input type="hidden" name="domain" value="example.com">`,
		"hunter2 hunter", "password: none was sent", "the %password% variable", "a: b: c", "k4N",
		"cookies: two\n", "mykeypassword=1",
	} {
		if got := d.Text(text); got != text {
			t.Errorf("%q became %q", text, got)
		}
		if got := (*Redactor)(nil).Text(text); got != text {
			t.Errorf("without secrets: %q became %q", text, got)
		}
	}
}

func TestSecretByItsPlace(t *testing.T) {
	const pem = "-----BEGIN PRIVATE KEY-----\nMIIEvQIBADAN\n-----END PRIVATE KEY-----"
	for _, tc := range []struct{ in, want string }{
		{"Authorization: Basic YW5uOnB3\r\nHost: a\r\n", "Authorization: Basic [redacted]\r\nHost: a\r\n"},
		{"authorization:Bearer abc", "authorization: Bearer [redacted]"},
		{"Authorization: abc", "Authorization: [redacted]"},
		{"Proxy-Authorization: Basic x", "Proxy-Authorization: Basic [redacted]"},
		{"Cookie: sid=abc; theme=dark", "Cookie: sid=[redacted]; theme=[redacted]"},
		{"> Cookie: sid=abc", "> Cookie: sid=[redacted]"},
		{"Set-Cookie: __Host-sid=abc==; Path=/; Secure; HttpOnly; SameSite=Lax", "Set-Cookie: __Host-sid=[redacted]; Path=/; Secure; HttpOnly; SameSite=Lax"},
		{"Set-Cookie: sid=; Max-Age=0", "Set-Cookie: sid=; Max-Age=0"},
		{"Set-Cookie: odd", "Set-Cookie: [redacted]"},
		{"X-CSRF-Token: abc", "X-CSRF-Token: [redacted]"},
		{"X-API-Key: abc", "X-API-Key: [redacted]"},
		{"a.password=b", "a.password=[redacted]"},
		{"user=ann&password=p%26w&next=/", "user=ann&password=[redacted]&next=/"},
		{"POST /token?client_secret=abc HTTP/1.1", "POST /token?client_secret=[redacted] HTTP/1.1"},
		{"_csrf=abc&csrf_token=def&csrf=ghi", "_csrf=[redacted]&csrf_token=[redacted]&csrf=[redacted]"},
		{`{"access_token":"abc\"d","expires_in":3600,"refresh_token" : "e"}`, `{"access_token":"[redacted]","expires_in":3600,"refresh_token" : "[redacted]"}`},
		{`<input type="hidden" name="csrf" value="abc">`, `<input type="hidden" name="csrf" value="[redacted]">`},
		{`<INPUT value='abc' name='csrf_token' />`, `<INPUT value="[redacted]" name='csrf_token' />`},
		{"key:\n" + pem + "\nend", "key:\n-----BEGIN PRIVATE KEY-----[redacted]-----END PRIVATE KEY-----\nend"},
		{"-----BEGIN RSA PRIVATE KEY-----\nMIIEcut", "-----BEGIN RSA PRIVATE KEY-----[redacted]"},
	} {
		if got := (*Redactor)(nil).Text(tc.in); got != tc.want {
			t.Errorf("%q\nbecame %q\nwant   %q", tc.in, got, tc.want)
		}
		if again := (*Redactor)(nil).Text(tc.want); again != tc.want {
			t.Errorf("redacted twice, %q became %q", tc.want, again)
		}
	}
}

func TestSecretsThatOverlap(t *testing.T) {
	d := redactor(t, "secret", "secret-and-more", "more-of-it")
	for in, want := range map[string]string{
		"a secret b":                   "a [redacted] b",
		"secret-and-more":              "[redacted]",
		"secret-and-more-of-it":        "[redacted]-of-it",
		"secretsecret":                 "[redacted][redacted]",
		"secre secret-and-mor":         "secre [redacted]-and-mor",
		"more-of-it":                   "[redacted]",
		"secret-and-more-of-it-secret": "[redacted]-of-it-[redacted]",
	} {
		if got := d.Text(in); got != want {
			t.Errorf("%q became %q, want %q", in, got, want)
		}
	}
}

// In base64 the characters that hold nothing but the secret go, all of them.
func TestBase64AtEachPosition(t *testing.T) {
	d := redactor(t, "hunter22hunter")
	for in, want := range map[string]string{
		"hunter22hunter":     "[redacted]I=",     // the last sextet holds two bits of padding
		"hunter22hunter!":    "[redacted]Ih",     // of the neighbour
		"a:hunter22hunter!!": "YTp[redacted]iEh", // from "d" on
		":hunter22hunter":    "Om[redacted]",
		"abc:hunter22hunter": "YWJjOm[redacted]",
	} {
		if got := d.Text(base64.StdEncoding.EncodeToString([]byte(in))); got != want {
			t.Errorf("base64 of %q became %q, want %q", in, got, want)
		}
	}
}

// What is shared with another result is not changed by redacting one.
func TestRedactingAResultLeavesTheOriginal(t *testing.T) {
	d := redactor(t, "hunter22")
	res := result(planned("a", SubjectTemplate, MUST), Fail)
	res.Failure.Actual, res.Failure.Expected = "hunter22", []string{"hunter22"}
	res.Notes, res.Evidence = []Note{{"n", "hunter22"}}, []Evidence{{Title: "hunter22"}}
	safe := d.Result(res)
	if got := fmt.Sprintf("%+v %+v", safe, *safe.Failure); strings.Contains(got, "hunter22") {
		t.Errorf("left in %s", got)
	}
	if res.Failure.Actual != "hunter22" || res.Failure.Expected[0] != "hunter22" || res.Notes[0].Text != "hunter22" || res.Evidence[0].Title != "hunter22" {
		t.Errorf("the original was changed: %+v", res)
	}
}

func TestShortSecret(t *testing.T) {
	d := new(Redactor)
	err := d.Add("", "abc", "long enough")
	if want := "a secret of fewer than 4 characters cannot be kept out of the report; use a longer one"; err == nil || err.Error() != want {
		t.Errorf("error %v, want %s", err, want)
	}
	if got := d.Text("it is long enough"); got != "it is [redacted]" {
		t.Errorf("the other secret: %q", got)
	}
}

// Of a key in PEM no line may be left, however the text was wrapped.
func TestLinesOfAKey(t *testing.T) {
	key := "-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBgkqhkiG9w0BAQEFAASC\nBKcwggSjAgEAAoIBAQDzebra\n-----END PRIVATE KEY-----\n"
	d := redactor(t, key)
	for _, text := range []string{key, strings.ReplaceAll(key, "\n", "\r\n"), strings.ReplaceAll(key, "\n", `\n`), "line: BKcwggSjAgEAAoIBAQDzebra!"} {
		if got := d.Text(text); strings.Contains(got, "BKcwggSj") || strings.Contains(got, "MIIEvQ") {
			t.Errorf("%q became %q", text, got)
		}
	}
}

// Through any two encoders, at any place: the secret does not come out.
func TestNoSecretComesOut(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		secret := rapid.StringN(6, 30, -1).Draw(t, "secret")
		if len(secret) < 6 || strings.TrimSpace(secret) != secret {
			t.Skip("not a secret that anybody has")
		}
		form := secret
		for range rapid.IntRange(0, 2).Draw(t, "encodings") {
			form = textEncoders[rapid.IntRange(0, len(textEncoders)-1).Draw(t, "encoder")](form)
		}
		before, after := rapid.StringMatching(`[xyz ]{0,9}`).Draw(t, "before"), rapid.StringMatching(`[xyz ]{0,9}`).Draw(t, "after")
		if got := redactor(t, secret).Text(before + form + after); strings.Contains(got, form) {
			t.Fatalf("%q in %q", form, got)
		}
		plain := base64.StdEncoding.EncodeToString([]byte(before + secret + after))
		got := redactor(t, secret).Text(plain)
		if raw, err := base64.StdEncoding.DecodeString(got); err == nil && bytes.Contains(raw, []byte(secret)) {
			t.Fatalf("base64 still has the secret: %s", got)
		}
	})
}

// picture is a real PNG.
func picture(t *testing.T) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, image.NewGray(image.Rect(0, 0, 3, 2))); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

const password, session = "hunter2hunter2", "s3ss10nT0ken"

// leak is a text with secrets in many forms.
func leak(what string) string {
	return fmt.Sprintf("%s: %s, %s, %s, %s, %s\nCookie: sid=%s\nunregistered: password=untoldpassword&x=1", what,
		canary, url.QueryEscape(canary), html.EscapeString(canary), password,
		base64.StdEncoding.EncodeToString([]byte("ann:"+password)), session)
}

// Secrets are planted in every place that a run can put a text, in every form;
// none may be in any file afterwards, nor on the screen.
func TestPlantedCanaries(t *testing.T) {
	told := redactor(t, canary, password, session)
	out := filepath.Join(t.TempDir(), "out")
	var plan []Planned
	for i, o := range outcomes {
		p := planned(fmt.Sprint(i), SubjectTemplate, MUST)
		p.Title = leak("title of " + string(o))
		plan = append(plan, p)
	}
	MarkExemplars(plan)
	r := &Run{ToolVersion: "0", Subject: SubjectTemplate, Edition: "ietf-05", Scope: ScopeFull,
		Command: []string{"dcconform", "--password", password, leak("command")}}
	r.Begin(plan, started)
	d, err := Create(out, r, told)
	if err != nil {
		t.Fatal(err)
	}
	searchForCanaries(t, out, "", password, session)
	var screen bytes.Buffer
	progress := NewProgress(&screen, ProgressOptions{})
	progress.Start(len(plan))
	for i, o := range outcomes {
		res := result(r.Plan[i], o)
		if o == Blocked {
			res.BlockedBy = r.Plan[1].ID
		}
		res.Message, res.Rerun, res.File = leak("message"), leak("rerun"), leak("file")
		res.Failure = &Failure{Clause: leak("clause"), Sent: leak("sent"), Expected: []string{leak("expected")}, Actual: leak("actual"), Mend: leak("mend")}
		res.Notes = []Note{{Code: "note", Text: leak("note")}}
		var items []Item
		for kind := range evidenceKinds {
			content := []byte(leak(kind))
			if kind == "screenshot" {
				content = picture(t)
			}
			items = append(items, Item{Kind: kind, Title: leak("evidence"), Content: content})
		}
		if err := d.Store().Keep(&res, items...); err != nil {
			t.Fatal(err)
		}
		if err := d.Append(res); err != nil {
			t.Fatal(err)
		}
		progress.Case(told.Result(res))
		r.Results = append(r.Results, res)
	}
	progress.Stop()
	searchForCanaries(t, out, screen.String(), password, session) // while it runs, results.jsonl is there
	r.Finish(finished)
	r.Next = []string{leak("next")}
	r.StaleBaseline = []string{leak("baseline")}
	if err := d.Finish(r); err != nil {
		t.Fatal(err)
	}
	searchForCanaries(t, out, summary(t, r, SummaryOptions{Color: true, Width: 4000}), password, session)
	if n := len(names(t, filepath.Join(out, EvidenceFolder))); n != len(evidenceKinds) {
		t.Errorf("%d files of evidence, want %d", n, len(evidenceKinds))
	}
}

func searchForCanaries(t *testing.T, out, screen string, secrets ...string) {
	t.Helper()
	texts := map[string]string{"the screen": screen}
	for _, name := range names(t, out) {
		data, err := os.ReadFile(filepath.Join(out, filepath.FromSlash(name)))
		if err != nil {
			t.Fatal(err)
		}
		texts[name] = string(data)
	}
	forbidden := append([]string{
		canary, url.QueryEscape(canary), html.EscapeString(canary), "untoldpassword",
		"ärY", "%C3%A4rY", `\u00e4rY`, // the middle of the canary
		base64.StdEncoding.EncodeToString([]byte("ann:" + secrets[0]))[8:20],
	}, secrets...)
	for name, text := range texts {
		for _, secret := range forbidden {
			if i := strings.Index(text, secret); i >= 0 {
				t.Errorf("%s holds %q: …%s…", name, secret, text[max(0, i-60):min(len(text), i+60)])
			}
		}
		if !strings.HasPrefix(name, ".") && !strings.HasPrefix(name, EvidenceFolder) && text != "" && !strings.Contains(text, Redacted) {
			t.Errorf("%s: nothing was redacted, so the canaries did not get there", name)
		}
	}
}

func BenchmarkRedact(b *testing.B) {
	text := strings.Repeat("GET /v2/domainTemplates/providers/example.com/services/mail/apply?domain=example.com HTTP/1.1\r\nHost: localhost\r\nAccept: text/html\r\n\r\n<p>Some page</p>\n", 100)
	for _, n := range []int{1, 1000} {
		d := new(Redactor)
		for i := range n {
			if err := d.Add(fmt.Sprintf("%016x%d", i*7919, i)); err != nil {
				b.Fatal(err)
			}
		}
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			b.SetBytes(int64(len(text)))
			for b.Loop() {
				d.Text(text)
			}
		})
	}
}
