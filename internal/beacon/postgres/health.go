package postgres

import (
	"context"
	"fmt"

	"portico/internal/beacon/collect"
)

// Probe implements collect.Store: what it writes is as durable as an event. The
// room on the server's disk is not for a client to see.
func (s *Store) Probe(ctx context.Context) (collect.Health, error) {
	h := collect.Health{Log: -1, Free: -1}
	err := s.run(ctx, step{sql: "UPDATE portico_beacon.probe SET probed = probed + 1"})
	if err != nil {
		return h, fmt.Errorf("trying to write: %w", err)
	}
	return h, nil
}
