package consent

import (
	"strings"

	"github.com/agnivade/levenshtein"
)

// nearest proposes the word that was meant, as the end of a message; "" where
// none is near.
func nearest(word string, known []string) string {
	best, least := "", 3
	for _, k := range known {
		if strings.EqualFold(k, word) {
			return "; did you mean \"" + k + "\"?"
		}
		if d := levenshtein.ComputeDistance(word, k); d < least && d < len(k) {
			best, least = k, d
		}
	}
	if best == "" {
		return ""
	}
	return "; did you mean \"" + best + "\"?"
}
