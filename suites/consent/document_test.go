package consent

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestAccessibleNames(t *testing.T) {
	const page = `<span id=n1>Give</span> <span id=n2>way</span>
<label>Wrapped <input id=a></label> <label for=b>By id</label><input id=b placeholder=unused>
<input id=c aria-label="Aria" placeholder=x><input id=d placeholder="Hint"><input id=e title="Title">
<button id=f aria-labelledby="n1 n2 gone">!</button><button id=g>  Sign
 in <b>now</b></button><input id=h type=submit value="Go"><a id=i href="/x">Link</a><a id=no>no link</a>
<details><summary id=j>Details</summary></details><textarea id=k aria-label=Note>
two</textarea><select id=l aria-label=Pick><option>1<option selected value=2>x</select><input id=m type=hidden>`
	d := parse([]byte(page), true)
	got := make(map[string]string)
	for _, c := range d.controls {
		got[c.id] = c.label
	}
	want := map[string]string{
		"a": "Wrapped", "b": "By id", "c": "Aria", "d": "Hint", "e": "Title", "f": "Give way", "g": "Sign in now",
		"h": "Go", "i": "Link", "j": "Details", "k": "Note", "l": "Pick", "m": "",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestHiddenControls(t *testing.T) {
	for page, want := range map[string]bool{
		`<button>x</button>`:                                        false,
		`<button hidden>x</button>`:                                 true,
		`<div hidden><p><button>x</button></p></div>`:               true,
		`<div style="Display: NONE"><button>x</button></div>`:       true,
		`<button style="visibility:hidden">x</button>`:              true,
		`<input type=hidden>`:                                       true,
		`<details><summary>s</summary><button>x</button></details>`: false,
	} {
		d := parse([]byte(page), true)
		if got := d.controls[len(d.controls)-1].hidden; got != want {
			t.Errorf("%s: hidden %v", page, got)
		}
	}
	// Templates are no part of the page, for browsers and for us.
	if d := parse([]byte(`<template><button>x</button></template><script>"<button>"</script>`), true); len(d.controls) != 0 || d.text != "" {
		t.Errorf("%v %q", d.controls, d.text)
	}
}

func TestNoscript(t *testing.T) {
	const page = `<noscript><button>Confirm</button></noscript>`
	if n := len(parse([]byte(page), false).controls); n != 1 {
		t.Errorf("without scripts: %d controls", n)
	}
	if n := len(parse([]byte(page), true).controls); n != 0 {
		t.Errorf("with scripts: %d controls", n)
	}
}

func TestTextTablesAlerts(t *testing.T) {
	const page = `<title> The  title </title><body><h1>One</h1>two <b>three</b><br>four<div>five<p>six</div>
<table><thead><tr><th>Type<th>Data</thead><tbody><tr><td>TXT</td><td>a <code>b</code>
c<table><tr><td>inner</table></td></tr></table>
<p role=alert>Watch <i>out</i></p><p class="box WARNING">Be warned</p><p role=status hidden>unseen</p><p role=status></p>`
	d := parse([]byte(page), true)
	if d.title != "The title" {
		t.Errorf("title %q", d.title)
	}
	wantText := "One\ntwo three\nfour\nfive\nsix\nType Data\nTXT a b c\ninner\nWatch out\nBe warned"
	if diff := cmp.Diff(wantText, d.text); diff != "" {
		t.Error(diff)
	}
	want := [][][]string{{{"Type", "Data"}, {"TXT", "a b c inner"}}, {{"inner"}}}
	if diff := cmp.Diff(want, d.tables); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"Watch out", "Be warned"}, d.alerts); diff != "" {
		t.Error(diff)
	}
}

func TestFormData(t *testing.T) {
	const page = `<form id=f><input name=a value="1 &amp; 2"><input value=nameless><input name=b type=checkbox><input name=c type=checkbox checked>
<input name=r type=radio value=1><input name=r type=radio value=2 checked><select name=s><option value=x>X<option>Y</select>
<select name=s2><option>1<option selected>2</select><textarea name=t>
two
lines</textarea><input name=off disabled value=1><input name=file type=file><button name=go value=yes>Go</button>
<button name=go value=no>No</button><input type=submit name=sub value=Other></form>
<input name=outside form=f value=o><input name=stranger value=s>`
	d := parse([]byte(page), false)
	var pressed *control
	for _, c := range d.controls {
		if c.value == "yes" {
			pressed = c
		}
	}
	want := "a=1+%26+2&c=on&r=2&s=x&s2=2&t=two%0D%0Alines&go=yes&outside=o"
	if got := formData(d.controls, pressed); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func TestDefaultRecipe(t *testing.T) {
	finder, err := defaultFinder()
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct{ page, user, password, signIn, confirm, cancel string }{
		"the mock's sign-in": {page: `<form><input id=u name=user><input id=p name=password type=password><button id=s>Sign in</button></form>`, user: "u", password: "p", signIn: "s"},
		"the mock's consent": {page: `<form><button id=y name=action value=confirm>Confirm</button><button id=n name=action value=cancel>Cancel</button></form>`, confirm: "y", cancel: "n"},
		"a search form first": {page: `<form><input id=q type=search name=q><button id=no>Search</button></form><form><label>Customer number <input id=u></label><input id=p type=password><input id=s type=submit value="Log in"></form>`,
			user: "u", password: "p", signIn: "s"},
		"a field of any name":       {page: `<form><input id=u name=x1><input id=p type=password><button id=s>Submit</button></form>`, user: "u", password: "p", signIn: "s"},
		"a button of any name":      {page: `<form><input id=u name=email><input id=p type=password><button id=s>Los</button></form>`, user: "u", password: "p", signIn: "s"},
		"e-mail first, then more":   {page: `<form><input id=u type=email><button id=s>Next</button></form>`, user: "u", signIn: "s"},
		"cancel is a link":          {page: `<form><button id=y>Connect example.com</button></form><a id=n href=/x>Cancel</a>`, confirm: "y", cancel: "n"},
		"a link does not confirm":   {page: `<a href=/x>Connect</a>`},
		"do not allow":              {page: `<button id=n>Don't allow</button><button id=y>Allow</button>`, confirm: "y", cancel: "n"},
		"not at a word's beginning": {page: `<button>Confirmation help</button><button>Applying</button><button>Notes</button>`},
		"a value beats a label":     {page: `<button>Apply coupon</button><button id=y value=approve>Los</button>`, confirm: "y"},
		"disabled and hidden":       {page: `<button disabled>Confirm</button><button hidden>Confirm</button><button id=y>Agree</button>`, confirm: "y"},
		"a text field does not":     {page: `<input name=x value=confirm><input type=checkbox value=confirm>`},
		"reset does not":            {page: `<button type=reset value=cancel>Cancel</button>`},
	} {
		t.Run(name, func(t *testing.T) {
			p := finder.find(parse([]byte(c.page), false))
			for role, pair := range map[string]struct {
				got  *control
				want string
			}{"user": {p.user, c.user}, "password": {p.password, c.password}, "signIn": {p.signIn, c.signIn}, "confirm": {p.confirm, c.confirm}, "cancel": {p.refusal, c.cancel}} {
				if role == "signIn" && c.password == "" && c.user == "" {
					continue // it is looked for in a sign-in form alone
				}
				id := ""
				if pair.got != nil {
					if id = pair.got.id; id == "" {
						id = "(" + pair.got.label + ")"
					}
				}
				if id != pair.want {
					t.Errorf("%s is %q, want %q", role, id, pair.want)
				}
			}
		})
	}
}

// Any bytes are a page; controls are numbered as the browser numbers them.
func FuzzParse(f *testing.F) {
	for _, seed := range []string{"", "<form><input><button>Confirm", "<table><tr><td><a href=x>", "<select><option>", "<template><input>", "\xff<", strings.Repeat("<div>", 300), `<label for=x><input id=x aria-labelledby="x x">`} {
		f.Add([]byte(seed))
	}
	finder, err := defaultFinder()
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, page []byte) {
		d := parse(page, true)
		for i, c := range d.controls {
			if c.index != i {
				t.Fatalf("control %d has index %d", i, c.index)
			}
		}
		finder.find(d)
	})
}
