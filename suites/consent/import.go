package consent

import (
	"bytes"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"golang.org/x/net/publicsuffix"
)

// ImportError says where a file with cookies is wrong. It never holds a value.
type ImportError struct {
	File string
	// Line and Column count from 1; Column counts bytes.
	Line, Column int
	Problem      string
}

func (e *ImportError) Error() string {
	return fmt.Sprintf("%s:%d:%d: %s", e.File, e.Line, e.Column, e.Problem)
}

// ImportSession reads the cookies of a user who signed in elsewhere: a
// cookies.txt in Netscape's format, as curl and browser extensions write it, or
// the JSON array that browser extensions export. The name is for messages. The
// loader is strict: a line, a member or a value that it does not understand is
// an *ImportError, a cookie that stands twice as well; what has ended by now is
// left out, and a file in which no cookie is good is an error, too. The result
// counts as open: no flow waits for another to sign in.
func ImportSession(name string, data []byte, now time.Time) (*Session, error) {
	in := importer{file: name, data: data, now: now, seen: make(map[key]int)}
	text := bytes.TrimLeft(bytes.TrimPrefix(data, []byte("\xef\xbb\xbf")), " \t\r\n")
	var err error
	if len(text) > 0 && (text[0] == '[' || text[0] == '{') {
		err = in.json(len(data) - len(text))
	} else {
		err = in.netscape()
	}
	if err != nil {
		return nil, err
	}
	if len(in.seen) == 0 {
		return nil, fmt.Errorf("%s: no cookie in it; export the cookies of the provider's pages while signed in", name)
	}
	if in.session.Len() == 0 {
		return nil, fmt.Errorf("%s: every cookie has ended; sign in and export the cookies again", name)
	}
	in.session.ready = true
	return &in.session, nil
}

// importer reads one file.
type importer struct {
	file    string
	data    []byte
	now     time.Time
	seen    map[key]int // the line of each cookie
	session Session
}

func (in *importer) fail(line, column int, format string, args ...any) error {
	return &ImportError{File: in.file, Line: line, Column: column, Problem: fmt.Sprintf(format, args...)}
}

// at turns an offset into line and column.
func (in *importer) at(offset int) (line, column int) {
	before := in.data[:min(offset, len(in.data))]
	return 1 + bytes.Count(before, []byte("\n")), offset - bytes.LastIndexByte(before, '\n')
}

// add takes one cookie over. Where it cannot stand in a jar, a cookie of a
// public suffix for one, the file is wrong.
func (in *importer) add(k kept, line, column int) error {
	if k.host == "" {
		return in.fail(line, column, "cookie %s has no domain", k.name)
	}
	if first, twice := in.seen[k.key()]; twice {
		return in.fail(line, column, "cookie %s of %s%s stands twice, first in line %d; keep the one that is good", k.name, k.host, k.path, first)
	}
	in.seen[k.key()] = line
	if !k.expires.IsZero() && !k.expires.After(in.now) {
		return nil
	}
	if err := k.cookie().Valid(); err != nil {
		return in.fail(line, column, "cookie %s of %s%s is none that a browser would send", k.name, k.host, k.path)
	}
	if suffix, _ := publicsuffix.PublicSuffix(k.host); k.wide && suffix == k.host {
		return in.fail(line, column, "cookie %s is for all of %s, which no browser allows", k.name, k.host)
	}
	before := in.session.Len()
	in.session.SetCookies(k.url(), []*http.Cookie{k.cookie()})
	if in.session.Len() == before {
		return in.fail(line, column, "cookie %s of %s%s would be refused by a browser", k.name, k.host, k.path)
	}
	return nil
}

// httpOnlyMark begins a line whose cookie scripts cannot read. The line looks
// like a comment for readers that do not know it.
const httpOnlyMark = "#HttpOnly_"

// netscapeFields are the columns of a cookies.txt.
var netscapeFields = []string{"domain", "subdomains", "path", "secure", "expires", "name", "value"}

func (in *importer) netscape() error {
	number := 0
	for line := range strings.Lines(string(in.data)) {
		number++
		line = strings.TrimRight(line, "\r\n")
		if number == 1 {
			line = strings.TrimPrefix(line, "\ufeff")
		}
		rest, httpOnly := strings.CutPrefix(line, httpOnlyMark)
		if !httpOnly && (strings.HasPrefix(line, "#") || strings.TrimSpace(line) == "") {
			continue
		}
		offset := 1
		if httpOnly {
			offset += len(httpOnlyMark)
		}
		k, err := in.netscapeLine(rest, number, offset)
		if err != nil {
			return err
		}
		k.httpOnly = httpOnly
		if err := in.add(k, number, offset); err != nil {
			return err
		}
	}
	return nil
}

func (in *importer) netscapeLine(line string, number, column int) (kept, error) {
	fields := strings.Split(line, "\t")
	if len(fields) != len(netscapeFields) {
		return kept{}, in.fail(number, column, "want %d fields parted by tabs (%s), got %d",
			len(netscapeFields), strings.Join(netscapeFields, ", "), len(fields))
	}
	columns := make([]int, len(fields))
	for i, f := range fields {
		columns[i] = column
		column += len(f) + 1
	}
	var flags [2]bool
	for i, f := range []int{1, 3} {
		switch fields[f] {
		case "TRUE":
			flags[i] = true
		case "FALSE":
		default:
			return kept{}, in.fail(number, columns[f], "%s is neither TRUE nor FALSE", netscapeFields[f])
		}
	}
	k := kept{
		host: strings.ToLower(strings.TrimPrefix(fields[0], ".")), path: fields[2], name: fields[5], value: fields[6],
		wide: flags[0], secure: flags[1],
	}
	switch seconds, err := strconv.ParseInt(fields[4], 10, 64); {
	case err != nil || seconds < 0:
		return kept{}, in.fail(number, columns[4], "expires is no number of seconds since 1970")
	case seconds > 0:
		k.expires = time.Unix(seconds, 0)
	}
	if !strings.HasPrefix(k.path, "/") {
		return kept{}, in.fail(number, columns[2], "path does not begin with a slash")
	}
	if k.name == "" {
		return kept{}, in.fail(number, columns[5], "the cookie has no name")
	}
	if dotted := strings.HasPrefix(fields[0], "."); dotted && !k.wide {
		return kept{}, in.fail(number, columns[0], "domain begins with a dot, and subdomains is FALSE")
	}
	return k, nil
}
