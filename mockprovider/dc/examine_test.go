package dc

import "testing"

func TestExamineReturnsWhatCouldBeRead(t *testing.T) {
	src := `{"providerId": "a.example", "providerName": "A", "serviceId": "s", "serviceName": "S",
 "syncBlock": "yes", "syncPubKeyDomain": "one.example", "syncPubKeyDomain": "two.example",
 "records": [{"type": "A", "host": "@"}, "no record"]}`
	got, problems := Examine("f.json", []byte(src))
	want := `f.json:2:15: syncBlock is a string where true or false is expected; write true or false without quotes
f.json:2:57: the member "syncPubKeyDomain" stands here a second time, first in line 2; delete one of them
f.json:3:14: record 1, A, has no ttl; add the member "ttl"
f.json:3:14: record 1, A, has no pointsTo; add the member "pointsTo"
f.json:3:42: record 2 is a string where an object is expected; a record is a JSON object: write { … }`
	if problems.Error() != want {
		t.Errorf("problems are\n%s\nwant\n%s", problems.Error(), want)
	}
	if got == nil || got.ID() != (TemplateID{"a.example", "s"}) || got.SyncPubKeyDomain != "one.example" || got.SyncBlock ||
		len(got.Records) != 1 || got.Records[0].Type != "A" || got.Position("syncBlock") != (Position{2, 2}) || got.File != "f.json" {
		t.Errorf("the template is %+v", got)
	}
	if _, err := Parse("f.json", []byte(src)); err == nil || err.Error() != want {
		t.Errorf("Parse says %v", err)
	}
}

func TestExamineReturnsNothingWithoutAnObject(t *testing.T) {
	for _, src := range []string{"", "[]", `"text"`, `{"providerId": `, "null"} {
		if got, problems := Examine("f.json", []byte(src)); got != nil || len(problems) == 0 {
			t.Errorf("%q: %+v and %v", src, got, problems)
		}
	}
}
