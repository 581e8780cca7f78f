package sign

import (
	"encoding/base64"
	"encoding/hex"
	"net/url"
	"slices"
	"strings"
)

// sigReading is one way to read the octets of sig.
type sigReading struct {
	octets []byte
	slips  []Slip
}

// sigReadings reads the value of sig as received. What is wrong with its form
// can be seen, and is named by what is seen; only whether the octets are
// reversed has to be tried. nil when nothing can be made of it.
func sigReadings(raw string) []sigReading {
	value, slips, ok := unescapedSig(raw)
	if !ok || value == "" {
		return nil
	}
	octets, more, ok := decodeSig(value)
	if !ok {
		return nil
	}
	slips = append(slips, more...)
	reversed := slices.Clone(octets)
	slices.Reverse(reversed)
	return []sigReading{
		{octets, slips},
		{reversed, append(slices.Clone(slips), Slip{Mistake: SigReversed})},
	}
}

// unescapedSig takes percent-encoding, blanks and line breaks off.
func unescapedSig(raw string) (value string, slips []Slip, ok bool) {
	value, err := url.PathUnescape(raw)
	if err != nil {
		return "", nil, false
	}
	if again, err := url.PathUnescape(value); err == nil && again != value {
		value = again
		slips = append(slips, Slip{Mistake: SigTwice})
	}
	if strings.ContainsAny(value, "\r\n") {
		value = strings.NewReplacer("\r", "", "\n", "").Replace(value)
		slips = append(slips, Slip{Mistake: SigLines})
	}
	if strings.Contains(value, " ") {
		value = strings.ReplaceAll(value, " ", "+")
		slips = append(slips, Slip{Mistake: SigPlus})
	}
	return value, slips, true
}

// decodeSig reads base64 of each kind, or hexadecimal.
func decodeSig(value string) (octets []byte, slips []Slip, ok bool) {
	if octets, err := hex.DecodeString(value); err == nil && len(octets) >= MinBits/8 {
		return octets, []Slip{{Mistake: SigHex}}, true
	}
	octets, urlSafe, unpadded, ok := looseBase64(value)
	if urlSafe {
		slips = append(slips, Slip{Mistake: SigURLSafe})
	}
	if unpadded {
		slips = append(slips, Slip{Mistake: SigUnpadded})
	}
	return octets, slips, ok
}

// looseBase64 reads either alphabet, padded or not, and says which it was.
func looseBase64(s string) (octets []byte, urlSafe, unpadded, ok bool) {
	if strings.ContainsAny(s, "-_") {
		if strings.ContainsAny(s, "+/") {
			return nil, false, false, false
		}
		urlSafe = true
		s = strings.NewReplacer("-", "+", "_", "/").Replace(s)
	}
	bare := strings.TrimRight(s, "=")
	unpadded = bare == s && len(s)%4 != 0
	octets, err := base64.RawStdEncoding.DecodeString(bare)
	return octets, urlSafe, unpadded, err == nil
}
