package report

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"portico/internal/beacon"
)

// told follows a story in polls of ten seconds.
func told(s *story, known Data, events []beacon.Event) []string {
	f := NewFollower([]Plan{s.plan}, false, time.UTC, known)
	var lines []string
	end := int64(0)
	for _, e := range events {
		end = max(end, e.Received)
	}
	for at := events[0].Received - 1; at < end+5*60_000; at += 10_000 {
		var came []beacon.Event
		for _, e := range events {
			if e.Received > at && e.Received <= at+10_000 {
				came = append(came, e)
			}
		}
		for _, h := range f.Add(came, time.UnixMilli(at+10_000)) {
			lines = append(lines, Style{}.Line(h))
		}
	}
	return lines
}

func TestVisitsAreTold(t *testing.T) {
	s := newStory(5)
	s.session(now(), 2, beacon.Phone, 6)
	lines := told(s, Data{}, s.Events)
	text := strings.Join(lines, "\n")
	if !strings.HasPrefix(lines[0], "16:00:00  Northwind Bank  Bo Lind’s link  the first visit begins, on a phone") {
		t.Errorf("it begins with %s", lines[0])
	}
	if !strings.Contains(lines[len(lines)-1], "gone after 2 min, most on ") {
		t.Errorf("it ends with %s", lines[len(lines)-1])
	}
	if strings.Count(text, "begins") != 1 || strings.Count(text, "gone") != 1 {
		t.Errorf("told are\n%s", text)
	}
	seen := map[string]bool{}
	for _, l := range lines {
		if what := l[len("16:00:00"):]; seen[what] {
			t.Errorf("twice: %s", l)
		} else {
			seen[what] = true
		}
	}
	if again := told(s, s.Data, s.Events); len(again) > 0 {
		t.Errorf("what was known before is told again: %v", again)
	}
}

func TestScannersAreNotTold(t *testing.T) {
	s := newStory(5)
	s.session(now(), 2, beacon.Phone, 6)
	if lines := told(s, Data{}, s.Events[2:3]); len(lines) != 0 {
		t.Errorf("told are %v", lines)
	}
}

// What is told in the end does not depend on what came twice.
func TestRepetitionIsNotTold(t *testing.T) {
	s := newStory(5)
	s.session(now(), 2, beacon.Phone, 6)
	s.session(now().Add(10*time.Minute), 1, beacon.Desktop, 9)
	want := fmt.Sprint(told(s, Data{}, s.Events))
	random := rand.New(rand.NewPCG(1, 1))
	for range 20 {
		twice := append(append([]beacon.Event{}, s.Events...), s.Events...)
		random.Shuffle(len(twice)-1, func(i, j int) { twice[i+1], twice[j+1] = twice[j+1], twice[i+1] })
		if got := fmt.Sprint(told(s, Data{}, twice)); got != want {
			t.Fatalf("told are %s\nnot %s", got, want)
		}
	}
}
