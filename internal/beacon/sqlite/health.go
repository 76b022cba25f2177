package sqlite

import (
	"context"
	"fmt"
	"path/filepath"

	"portico/internal/beacon/collect"
)

// Probe implements collect.Store: what it writes is as durable as an event.
func (s *Store) Probe(ctx context.Context) (collect.Health, error) {
	s.writer.mu.Lock()
	defer s.writer.mu.Unlock()
	size, err := s.log.size()
	if err != nil {
		return collect.Health{Log: -1, Free: -1}, err
	}
	h := collect.Health{Log: size, Free: free(filepath.Dir(s.file))}
	if err := s.writer.connect(ctx); err != nil {
		return h, err
	}
	if err := s.log.room(ctx, s.writer); err != nil {
		return h, err
	}
	err = s.writer.transaction(ctx, func() error {
		_, err := s.writer.exec(ctx, "UPDATE state SET probed = probed + 1")
		return err
	})
	if err != nil {
		return h, fmt.Errorf("trying to write: %w", err)
	}
	return h, nil
}
