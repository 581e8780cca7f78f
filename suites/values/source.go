package values

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"strings"
)

// source draws the raw material of values. Everything that it returns depends
// on seed, template, variable and what is drawn, and on nothing else.
type source struct {
	seed     uint64
	template string
	// zone is the name of the zone that the template is applied to, without
	// trailing dot. It is no raw material: hosts may have to end in it.
	zone string
}

// bits returns n octets for a variable; what keeps the draws of one variable
// apart.
func (s source) bits(variable, what string, n int) []byte {
	var out []byte
	for block := uint64(0); len(out) < n; block++ {
		h := sha256.New()
		var head [16]byte
		binary.BigEndian.PutUint64(head[:8], s.seed)
		binary.BigEndian.PutUint64(head[8:], block)
		h.Write(head[:])
		h.Write([]byte(s.template + "\x00" + variable + "\x00" + what))
		out = h.Sum(out)
	}
	return out[:n]
}

// below returns a number from 0 to n-1.
func (s source) below(variable, what string, n uint64) uint64 {
	return binary.BigEndian.Uint64(s.bits(variable, what, 8)) % n
}

// token is ten letters and digits that stand as a label of a host name, in a
// text and in a URL alike. It starts with "dc" so that a reader of a zone sees
// where it is from.
func (s source) token(variable string) string {
	const alphabet = "abcdefghijklmnopqrstuvwxyz234567"
	var b strings.Builder
	b.WriteString("dc")
	for _, c := range s.bits(variable, "token", 8) {
		b.WriteByte(alphabet[c%32])
	}
	return b.String()
}

// name is a host name outside of any zone under test.
func (s source) name(variable string) string { return s.token(variable) + ".example.net" }

// hex is a digest in lower-case hexadecimal.
func (s source) hex(variable string, octets int) string {
	return hex.EncodeToString(s.bits(variable, "hex", octets))
}

// publicKey looks like an RSA key of 2,048 bits in base64: 392 characters that
// start as such keys do. It is no key; DNS does not mind.
func (s source) publicKey(variable string) string {
	der := append([]byte{
		0x30, 0x82, 0x01, 0x22, 0x30, 0x0d, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86,
		0xf7, 0x0d, 0x01, 0x01, 0x01, 0x05, 0x00, 0x03, 0x82, 0x01, 0x0f, 0x00,
		0x30, 0x82, 0x01, 0x0a, 0x02, 0x82, 0x01, 0x01, 0x00,
	}, s.bits(variable, "key", 256)...)
	der = append(der, 0x02, 0x03, 0x01, 0x00, 0x01)
	return base64.StdEncoding.EncodeToString(der)
}

// ipv4 is an address of the documentation ranges (RFC 5737).
func (s source) ipv4(variable, what string) string {
	ranges := []string{"192.0.2", "198.51.100", "203.0.113"}
	n := s.below(variable, "ipv4"+what, uint64(len(ranges))*254)
	return fmt.Sprintf("%s.%d", ranges[n/254], n%254+1)
}

// ipv6 is an address of the documentation range (RFC 3849).
func (s source) ipv6(variable string) string {
	b := s.bits(variable, "ipv6", 6)
	return fmt.Sprintf("2001:db8:%x::%x", 0x1000|int(b[0])<<4|int(b[1])>>4, 0x1000|int(b[2])<<4|int(b[3])>>4)
}

// number is a number in decimal from least to most.
func (s source) number(variable, what string, least, most uint64) string {
	return fmt.Sprint(least + s.below(variable, "number"+what, most-least+1))
}
