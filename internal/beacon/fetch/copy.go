package fetch

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"portico/internal/beacon"
)

// Copy is what was fetched from a collector before, so that only the rest has to
// be fetched.
type Copy struct {
	// Collector that it is of: another's cursor means nothing.
	Collector string
	Cursor    string
	Sums      []beacon.Sum
	Events    []beacon.Event
}

// copyHead is the first line of a Copy as it is kept; the lines of an export
// follow.
type copyHead struct {
	Version   int    `json:"v"`
	Collector string `json:"collector"`
	Cursor    string `json:"cursor"`
	Lines     int    `json:"lines"`
}

const copyVersion = 1

// Append writes the copy behind b.
func (c *Copy) Append(b []byte) ([]byte, error) {
	head, err := json.Marshal(copyHead{copyVersion, c.Collector, c.Cursor, len(c.Sums) + len(c.Events)})
	if err != nil {
		return nil, fmt.Errorf("keeping what was fetched: %w", err)
	}
	b = append(append(b, head...), '\n')
	for i := range c.Sums {
		b = beacon.Line{Sum: &c.Sums[i]}.Append(b)
	}
	for i := range c.Events {
		b = beacon.Line{Event: &c.Events[i]}.Append(b)
	}
	return b, nil
}

// ParseCopy reads what Append writes. With an error, as for no data at all, it
// is an empty copy: everything is fetched anew.
func ParseCopy(data []byte, collector string) (*Copy, error) {
	empty := &Copy{Collector: collector}
	lines := bufio.NewScanner(bytes.NewReader(data))
	lines.Buffer(nil, maxLine)
	var head copyHead
	if !lines.Scan() || json.Unmarshal(lines.Bytes(), &head) != nil || head.Version != copyVersion || head.Collector != collector || len(head.Cursor) > beacon.MaxCursor {
		return empty, errors.New("nothing that was kept is of this collector")
	}
	c := &Copy{Collector: collector, Cursor: head.Cursor}
	for lines.Scan() {
		l, err := beacon.ParseLine(lines.Bytes())
		if err != nil {
			return empty, err
		}
		c.add(l)
	}
	if lines.Err() != nil || len(c.Sums)+len(c.Events) != head.Lines {
		return empty, errors.New("what was kept is not whole")
	}
	return c, nil
}

func (c *Copy) add(l beacon.Line) {
	switch {
	case l.Sum != nil:
		c.Sums = append(c.Sums, *l.Sum)
	case l.Event != nil:
		c.Events = append(c.Events, *l.Event)
	}
}

// Update fetches what is new, and says whether anything is. After an error the
// copy is true as far as it goes, and may be kept.
func (c *Copy) Update(ctx context.Context, from *Client) (changed bool, err error) {
	before := c.Cursor
	c.Cursor, err = from.Fetch(ctx, before, c.add)
	if !errors.Is(err, ErrGone) {
		return c.Cursor != before, err
	}
	*c = Copy{Collector: c.Collector}
	if c.Cursor, err = from.Fetch(ctx, "", c.add); errors.Is(err, ErrGone) {
		*c = Copy{Collector: c.Collector} // it began anew in the meantime
	}
	return true, err
}
