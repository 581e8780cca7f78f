package run

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/dcconform/dcconform/reports"
	"github.com/dcconform/dcconform/suites/check"
)

// childMode makes this test binary a child process that behaves in the named
// way.
const childMode = "DCCONFORM_TEST_CHILD"

func TestMain(m *testing.M) {
	if mode := os.Getenv(childMode); mode != "" {
		os.Exit(misbehave(mode))
	}
	os.Exit(m.Run())
}

// as starts this test binary as a child of the given mode.
func as(mode string) command {
	return func(ctx context.Context) *exec.Cmd {
		cmd := exec.CommandContext(ctx, os.Args[0])
		cmd.Env = append(os.Environ(), childMode+"="+mode)
		return cmd
	}
}

// misbehave is what a child does in each mode.
func misbehave(mode string) int {
	if mode == "sound" {
		return Child(os.Stdin, os.Stdout)
	}
	if mode == "pretence" {
		grounds[kindProvider] = func() ground { return pretence{} }
		return Child(os.Stdin, os.Stdout)
	}
	if mode == "leaking" {
		grounds[kindProvider] = func() ground { return leaking{} }
		return Child(os.Stdin, os.Stdout)
	}
	if id, ok := strings.CutPrefix(mode, "dies-at:"); ok {
		return diesAt(id)
	}
	send := &sender{w: os.Stdout}
	var j job
	line, err := bufio.NewReader(os.Stdin).ReadBytes('\n')
	if err == nil {
		err = json.Unmarshal(line, &j)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 2
	}
	owes := newBook(&j).owed()
	one := func(i int) {
		_ = send.send(message{Started: owes[i]})
		_ = send.send(message{Result: &reports.Result{
			Planned: reports.Planned{ID: owes[i], Case: "parse", Title: "t", Requirements: []string{"DC-TMPL-REQUIRED-PROPS"},
				Subject: reports.SubjectTemplate, Level: reports.MUST},
			Outcome: reports.Pass, Assertions: 1}})
	}
	switch mode {
	case "crash":
		one(0)
		_ = send.send(message{Started: owes[1]})
		fmt.Fprintln(os.Stderr, "fatal error: all goroutines are asleep")
		return 2
	case "early":
		one(0) // a clean exit that owes the rest
		return 0
	case "garbage":
		_, _ = os.Stdout.WriteString("\x1e{\"result\":\n")
		_, _ = io.Copy(io.Discard, os.Stdin)
		return 0
	case "whole":
		for i := range owes {
			one(i)
		}
		_ = send.send(message{Done: true})
		return 0
	case "between":
		one(0)
		return 2
	case "silent":
		<-time.After(time.Hour)
	case "deaf":
		one(0)
		<-time.After(time.Hour) // neither speaks nor listens
	case "patient":
		for i := range 5 {
			one(i)
		}
		_, _ = io.Copy(io.Discard, os.Stdin)
		return 0
	}
	return 9
}

// diesAt is a sound child but that one case ends the process.
func diesAt(id string) int {
	for kind, sound := range grounds {
		grounds[kind] = func() ground { return deadly{sound(), id} }
	}
	return Child(os.Stdin, os.Stdout)
}

// deadly is a ground on which one case ends the process.
type deadly struct {
	ground
	id string
}

func (d deadly) open(ctx context.Context, world json.RawMessage, around *surroundings) (*stage, error) {
	st, err := d.ground.open(ctx, world, around)
	if err != nil {
		return nil, err
	}
	for _, sc := range st.scenarios {
		for i := range sc.Checks {
			if sc.ID(&sc.Checks[i]) == d.id {
				sc.Checks[i].Body = func(*check.Case) { os.Exit(7) }
			}
		}
	}
	return st, nil
}
