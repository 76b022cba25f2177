package collect

import (
	"context"
	"errors"
	"runtime"
	"sync"
	"time"
)

const (
	// maxWaiting is how many requests may wait to be kept.
	maxWaiting = 1024
	// maxTogether is how many events one transaction has at most, so that none
	// takes long or makes the log grow past its bounds.
	maxTogether = 4096
)

var errBusy = errors.New("too many requests wait to be kept")

// queue leads to the one writer. Whatever waits when it is free goes into one
// transaction, so that the more there is to do the less a commit costs.
type queue struct {
	store   Store
	rules   func() rules
	waiting chan *waiter
	stopped chan struct{}
	waiters sync.Pool
	// wrote is told of every transaction.
	wrote func(batches, events int, took time.Duration, err error)
	now   func() time.Time

	mu     sync.RWMutex
	closed bool
}

type waiter struct {
	batch  Batch
	answer chan error
}

func newQueue(store Store, r func() rules, wrote func(batches, events int, took time.Duration, err error), now func() time.Time) *queue {
	q := &queue{store: store, rules: r, waiting: make(chan *waiter, maxWaiting), stopped: make(chan struct{}), wrote: wrote, now: now}
	q.waiters.New = func() any { return &waiter{answer: make(chan error, 1)} }
	return q
}

// keep returns once the batch is durable, or an error.
func (q *queue) keep(b Batch) error {
	w := q.waiters.Get().(*waiter)
	defer q.waiters.Put(w)
	w.batch = b
	if !q.enter(w) {
		return errBusy
	}
	err := <-w.answer
	w.batch = Batch{}
	return err
}

// enter the queue, unless it is full or at its end.
func (q *queue) enter(w *waiter) bool {
	q.mu.RLock()
	defer q.mu.RUnlock()
	if q.closed {
		return false
	}
	select {
	case q.waiting <- w:
		return true
	default:
		return false
	}
}

// run writes until stop is called and nothing waits.
func (q *queue) run() {
	defer close(q.stopped)
	var together []*waiter
	var batches []Batch
	for w := range q.waiting {
		together, batches = append(together[:0], w), append(batches[:0], w.batch)
		events := len(w.batch.Events)
		runtime.Gosched() // requests that are being read already come along
	gather:
		for events < maxTogether {
			select {
			case w, open := <-q.waiting:
				if !open {
					break gather
				}
				together, batches = append(together, w), append(batches, w.batch)
				events += len(w.batch.Events)
			default:
				break gather
			}
		}
		q.write(together, batches, events)
		clear(together)
		clear(batches)
	}
}

func (q *queue) write(together []*waiter, batches []Batch, events int) {
	began := q.now()
	refused, err := q.store.Write(context.Background(), batches, q.rules().decide)
	q.wrote(len(batches), events, q.now().Sub(began), err)
	for i, w := range together {
		if err != nil {
			w.answer <- err
			continue
		}
		w.answer <- refused[i]
	}
}

// stop ends run once everything that waits is kept.
func (q *queue) stop() {
	q.mu.Lock()
	q.closed = true
	close(q.waiting)
	q.mu.Unlock()
	<-q.stopped
}

func (q *queue) length() int { return len(q.waiting) }
