//go:build linux

package main

import (
	"context"
	"testing"
	"time"

	"portico/internal/beacon/cluster"
	"portico/internal/beacon/postgres"
	"portico/internal/need"
)

// Two collectors and one crash of what `make torture` does with ten, in this
// process.
func TestTwoCollectors(t *testing.T) {
	need.Files(t, "postgresql", cluster.Programs)
	ctx := context.Background()
	c, err := cluster.Start(ctx, "", cluster.Options{Sync: true})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := c.Close(); err != nil {
			t.Error(err)
		}
	}()
	address, err := c.Create(ctx)
	if err != nil {
		t.Fatal(err)
	}
	var two []*process
	for range 2 {
		s, err := postgres.Open(ctx, address, postgres.Options{})
		if err != nil {
			t.Fatal(err)
		}
		_, p, stop, err := here(s, time.Now)
		if err != nil {
			t.Fatal(err)
		}
		defer func() {
			if err := stop(); err != nil {
				t.Error(err)
			}
		}()
		two = append(two, p)
	}
	said, err := crash(ctx, c, two, 1, time.Second)
	t.Log(said)
	if err != nil {
		t.Error(err)
	}
}
