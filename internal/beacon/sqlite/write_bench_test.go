package sqlite

import (
	"context"
	"encoding/binary"
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"portico/internal/beacon"
	"portico/internal/beacon/collect"
	"portico/internal/seal"
)

// Ten thousand viewers send an event each, over and over; so many requests are
// kept together.
func BenchmarkWrite(b *testing.B) {
	for _, together := range []int{1, 16, 64} {
		b.Run(fmt.Sprint(together), func(b *testing.B) { benchmarkWrite(b, together) })
	}
}

func benchmarkWrite(b *testing.B, together int) {
	ctx := context.Background()
	s, err := Open(ctx, filepath.Join(b.TempDir(), "beacon.db"), Options{})
	if err != nil {
		b.Fatal(err)
	}
	defer s.Close()
	now := time.Now().UnixMilli()
	decide := func(v collect.Viewer, _ collect.Batch, _ bool) (collect.Viewer, []collect.Notice, error) {
		v.Last = now
		v.Events++
		return v, nil, nil
	}
	batches := make([]collect.Batch, together)
	next := 0
	b.ReportAllocs()
	for b.Loop() {
		for i := range batches {
			batches[i] = oneEvent(next, now)
			next++
		}
		if _, err := s.Write(ctx, batches, decide); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(next), "ns/request")
}

func oneEvent(n int, now int64) collect.Batch {
	const viewers = 10_000
	v := n % viewers
	who := beacon.Pair{Deal: seal.DealID{byte(v), byte(v % 1000 >> 8)}}
	binary.BigEndian.PutUint32(who.Viewer[:], uint32(v+1))
	var session beacon.Session
	var ms [8]byte
	binary.BigEndian.PutUint64(ms[:], uint64(now))
	copy(session[:], ms[2:])
	binary.BigEndian.PutUint64(session[8:], uint64(v)*0x9e3779b97f4a7c15)
	session[6], session[8] = 0x70, 0x80|session[8]&0x3f
	return collect.Batch{Pair: who, Session: session, Events: []beacon.Event{{
		Session: session, Seq: uint32(n / viewers), Deal: who.Deal, Viewer: who.Viewer, Kind: beacon.Section, Target: beacon.Target{1}, At: now, Received: now, Device: beacon.Desktop,
	}}}
}
