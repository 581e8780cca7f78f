package admin

import (
	"bytes"
	"context"
	"crypto/sha256"
	"embed"
	"encoding/base64"
	"fmt"
	"html/template"
	"math"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/go-json-experiment/json"

	"github.com/dcconform/dcconform/mockprovider/fault"
	"github.com/dcconform/dcconform/mockprovider/store"
	"github.com/dcconform/dcconform/mockprovider/zone"
)

// Note is a line of the page at the API's root: what somebody who has just
// started the mock wants to know.
type Note struct {
	Name string
	// Text may have several lines.
	Text string
}

//go:embed page
var pageFiles embed.FS

// Style and script are part of the page and named in its policy by their
// digests, so that nothing else is ever accepted.
var (
	styleText = pageFile("style.css")
	liveText  = pageFile("live.js")
	indexPage = template.Must(template.New("index.html").Funcs(template.FuncMap{
		"style": func() template.CSS { return template.CSS(styleText) },
		"live":  func() template.JS { return template.JS(liveText) },
		"count": count,
		"lines": func(s string) []string { return strings.Split(s, "\n") },
	}).ParseFS(pageFiles, "page/index.html"))
	policy = "default-src 'none'; style-src " + policyHash(styleText) + "; script-src " + policyHash(liveText) +
		"; connect-src 'self'; form-action 'none'; base-uri 'none'; frame-ancestors 'none'"
)

func pageFile(name string) string {
	b, err := pageFiles.ReadFile("page/" + name)
	if err != nil {
		return ""
	}
	return string(b)
}

func policyHash(text string) string {
	sum := sha256.Sum256([]byte(text))
	return "'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"
}

// count is "1 record" or "3 records".
func count(n int, noun string) string {
	switch {
	case n == 1:
		return "1 " + noun
	case strings.HasSuffix(noun, "y"):
		return strconv.Itoa(n) + " " + strings.TrimSuffix(noun, "y") + "ies"
	}
	return strconv.Itoa(n) + " " + noun + "s"
}

const (
	// shownEvents and shownRecords bound what one page holds.
	shownEvents  = 200
	shownRecords = 200
	// clockTime is how entries are dated.
	clockTime = "15:04:05.000"
)

// indexData is what the page shows.
type indexData struct {
	Notes           []Note
	Tenants         []tenantData
	Events          []entry
	Next, Forgotten int
	// State is the generation of the store.
	State uint64
}

type tenantData struct {
	Name, Title, URL, Edition string
	Users                     []string
	Faults                    []fault.Fault
	Zones                     []zoneData
	Templates                 []templateData
}

type zoneData struct {
	Name, Owner string
	Serial      uint32
	Records     []zone.Record
	// Count is of all records, More of those that are not shown.
	Count, More int
	Open        bool
}

type templateData struct {
	Name    string
	Version int64
}

// entry is a line of the journal.
type entry struct {
	Number  int    `json:"number"`
	Time    string `json:"time"`
	Kind    string `json:"kind"`
	Tenant  string `json:"tenant,omitzero"`
	Summary string `json:"summary"`
}

func entryOf(number int, e store.Event) entry {
	return entry{Number: number, Time: e.Time.Format(clockTime), Kind: e.Kind, Tenant: e.Tenant, Summary: e.Summary}
}

// index sends the page.
func (a *api) index(w http.ResponseWriter, r *http.Request) {
	data := a.indexData()
	var body bytes.Buffer
	if err := indexPage.Execute(&body, data); err != nil {
		a.send(w, r, nil, fmt.Errorf("the page cannot be made: %w", err))
		return
	}
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Security-Policy", policy)
	h.Set("X-Frame-Options", "DENY")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Cache-Control", "no-store")
	if _, err := w.Write(body.Bytes()); err != nil {
		a.Logger.Debug("client went away", "error", err)
	}
}

func (a *api) indexData() indexData {
	var data indexData
	data.State, _ = a.Store.Generation()
	if a.Notes != nil {
		data.Notes = a.Notes()
	}
	for _, t := range a.Store.Tenants() {
		data.Tenants = append(data.Tenants, a.tenantData(t))
	}
	journal := a.Store.Journal()
	_, data.Next = journal.Since(math.MaxInt)
	events, next := journal.Since(data.Next - shownEvents)
	data.Next, data.Forgotten = next, journal.Forgotten()
	for i, e := range events {
		data.Events = append(data.Events, entryOf(next-len(events)+i, e))
	}
	slices.Reverse(data.Events)
	return data
}

func (a *api) tenantData(t *store.Tenant) tenantData {
	c := t.Config()
	d := tenantData{Name: t.Name(), Title: "Tenant " + t.Name(), URL: a.URL + t.Prefix(), Edition: c.Rules.Edition.String()}
	if d.Name == "" {
		d.Title = "Provider"
	}
	for _, u := range c.Users {
		d.Users = append(d.Users, u.Name)
	}
	for _, name := range t.Misbehaviours() {
		f, err := fault.Find(name)
		if err != nil {
			f.Name = name
		}
		d.Faults = append(d.Faults, f)
	}
	for _, h := range c.Zones {
		z := zoneData{Name: h.Zone.Origin(), Owner: h.Owner, Serial: h.Zone.Serial(), Open: len(c.Zones) == 1}
		for r := range h.Zone.Records() {
			if z.Count++; z.Count <= shownRecords {
				z.Records = append(z.Records, r)
			}
		}
		z.More = z.Count - len(z.Records)
		d.Zones = append(d.Zones, z)
	}
	for _, tmpl := range c.Templates {
		d.Templates = append(d.Templates, templateData{tmpl.ProviderID + "/" + tmpl.ServiceID, tmpl.Version})
	}
	return d
}

// live sends what happens as server-sent events: entry for each entry of the
// journal from a number on, and state when zones, tenants or faults have
// changed. It ends with the request.
func (a *api) live(w http.ResponseWriter, r *http.Request) {
	p := newParameters(r, "since", "state")
	since, state := p.number("since", 0, 0, math.MaxInt32), p.number("state", 0, 0, math.MaxInt32)
	if p.err != nil {
		a.send(w, r, nil, p.err)
		return
	}
	// A browser that has lost the connection says what it saw last.
	if last, err := strconv.Atoi(r.Header.Get("Last-Event-ID")); err == nil && last >= since {
		since = last + 1
	}
	w.Header().Set("Content-Type", "text/event-stream")
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	s := &stream{w: w, flush: http.NewResponseController(w).Flush, next: since, state: uint64(state)}
	a.Logger.Debug("client went away", "error", s.follow(r.Context(), a.Store))
}

// stream is one reader of live.
type stream struct {
	w     http.ResponseWriter
	flush func() error
	next  int
	// state is the generation that the reader has seen.
	state uint64
}

// pulse is how often a silent stream says that it is alive, so that one whose
// reader is gone ends.
const pulse = 20 * time.Second

// follow sends until the context ends or the reader is gone, and says which.
func (s *stream) follow(ctx context.Context, st *store.Store) error {
	if _, err := s.w.Write([]byte(": hello\n\n")); err != nil {
		return err
	}
	for {
		number, changed := st.Generation()
		if err := s.news(st, number); err != nil {
			return err
		}
		waiting, cancel := context.WithTimeout(ctx, pulse)
		came := make(chan error, 1)
		go func() { came <- st.Journal().AwaitNumber(waiting, s.next) }()
		late := false
		select {
		case <-changed:
			cancel()
			// It is waited for, so that it does not outlive this round.
			if err := <-came; err != nil && ctx.Err() != nil {
				return err
			}
		case err := <-came:
			cancel()
			late = err != nil
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if late {
			if _, err := s.w.Write([]byte(": still here\n\n")); err != nil {
				return err
			}
		}
	}
}

// news sends what the reader has not seen.
func (s *stream) news(st *store.Store, number uint64) error {
	events, next := st.Journal().Since(s.next)
	for i, e := range events {
		n := next - len(events) + i
		if err := s.send("entry", n, entryOf(n, e)); err != nil {
			return err
		}
	}
	s.next = next
	if number != s.state {
		s.state = number
		if err := s.send("state", -1, number); err != nil {
			return err
		}
	}
	return s.flush()
}

// send writes one event; a negative id is none.
func (s *stream) send(name string, id int, data any) error {
	text, err := json.Marshal(data)
	if err != nil {
		return err
	}
	if id >= 0 {
		name += "\nid: " + strconv.Itoa(id)
	}
	_, err = fmt.Fprintf(s.w, "event: %s\ndata: %s\n\n", name, text)
	return err
}
