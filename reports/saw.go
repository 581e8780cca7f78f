package reports

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"
)

// saw adds what items show to a digest: whole observations and zones, and of
// an exchange what was asked for and how it was answered. Everything else of a
// page changes from one request to the next.
func saw(before string, items []Item) string {
	for _, item := range items {
		var text string
		switch item.Kind {
		case "observation", "zone":
			text = steady(item.Title + "\n" + string(item.Content))
		case "exchange":
			text = methodAndStatus(string(item.Content))
		default:
			continue
		}
		sum := sha256.Sum256([]byte(before + "\n" + item.Kind + "\n" + text + "\n"))
		before = hex.EncodeToString(sum[:])
	}
	return before
}

// methodAndStatus is the first word of an exchange and the second one of its
// status line.
func methodAndStatus(exchange string) string {
	method, _, _ := strings.Cut(exchange, " ")
	_, answer, found := strings.Cut(exchange, "\nHTTP/")
	if !found {
		return method + " without an answer"
	}
	line, _, _ := strings.Cut(answer, "\n")
	words := strings.Fields(line)
	if len(words) < 2 {
		return method + " without a status"
	}
	return method + " " + words[1]
}

// steady is a text in which stand-ins take the place of what differs between
// two runs of one seed.
func steady(text string) string {
	for _, v := range volatile {
		text = v.pattern.ReplaceAllString(text, v.stand)
	}
	return text
}
