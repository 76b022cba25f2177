//go:build linux

package postgres

import (
	"context"
	"testing"

	"portico/internal/beacon/cluster"
	"portico/internal/beacon/collect"
	"portico/internal/beacon/collect/storetest"
	"portico/internal/need"
)

// server is one that all tests of this package use, a database each.
type server struct{ *cluster.Cluster }

func TestStore(t *testing.T) {
	need.Files(t, "postgresql", cluster.Programs)
	c, err := cluster.Start(context.Background(), "", cluster.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := c.Close(); err != nil {
			t.Error(err)
		}
	})
	s := server{c}
	t.Run("conformance", func(t *testing.T) {
		storetest.Run(t, func(t *testing.T) collect.Store { return s.open(t, s.database(t)) })
	})
}

func (s server) database(t *testing.T) string {
	t.Helper()
	address, err := s.Create(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	return address
}

func (s server) open(t *testing.T, address string) *Store {
	t.Helper()
	store, err := Open(context.Background(), address, Options{Unsafe: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := store.Close(); err != nil {
			t.Error(err)
		}
	})
	return store
}
