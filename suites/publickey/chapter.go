// Package publickey judges how a DNS provider finds and reads the public keys
// of signed apply requests (ietf-05 sections 6.4 and 8.3.4). Each case
// publishes keys at labels of its own, which exist for this run alone, since
// resolvers remember what they were told.
package publickey

import (
	"fmt"
	"slices"

	"github.com/dcconform/dcconform/suites/trial"
)

// Chapter returns the chapter. Rotation comes first: before a provider has
// seen a key of this run, it can be told whether it keeps the first one.
func Chapter() trial.Chapter {
	return trial.Chapter{Name: "publickey", Title: "Public keys",
		Cases: slices.Concat(labels, location, fragments, formats, damaged)}
}

// signedBy is the ordinary signed request, signed by a test key at a label.
func signedBy(t *trial.Trial, key, label string) trial.Request {
	return t.Request("signed").SignedBy(t.Signing(t.TestKey(key), label))
}

// published is the ordinary signed request, signed by the second test key,
// which is published in these records at a label of its own.
func published(t *trial.Trial, suffix string, txt ...string) trial.Request {
	label := t.Label(suffix)
	t.Publish(label, txt...)
	return signedBy(t, "second", label)
}

// twin is the control twin of a key in an unusual form: the same key, ordinary.
func twin(t *trial.Trial) trial.Request {
	return published(t, "twin", cut(data(t), 200)...)
}

// data is the second test key as it is published: its SubjectPublicKeyInfo in
// base64.
func data(t *trial.Trial) string { return t.TestKey("second").Data }

// cut writes key records: p, a and a piece of the key, of these sizes and the
// rest.
func cut(data string, sizes ...int) []string {
	var records []string
	for i := 0; data != ""; i++ {
		size := len(data)
		if i < len(sizes) {
			size = min(size, sizes[i])
		}
		records = append(records, fmt.Sprintf("p=%d,a=RS256,d=%s", i+1, data[:size]))
		data = data[size:]
	}
	return records
}

// pieces writes key records of one size.
func pieces(data string, number int) []string {
	size := (len(data) + number - 1) / number
	return cut(data, slices.Repeat([]int{size}, number-1)...)
}

// accepted are the requests that have to reach consent, by what is published.
func accepted(t *trial.Trial, what string, r trial.Request) trial.Variant {
	return trial.Variant{What: what, Request: r}
}
