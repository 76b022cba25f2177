package build

import (
	"fmt"

	"portico/internal/beacon/browser"
	"portico/internal/bundle"
	"portico/internal/seal"
)

// readerScripts open sealed deals in browsers. They are the same for every
// deal and every theme.
type readerScripts struct {
	// shared lie in the folder that all deals share; lock is that of the lock
	// page, lost that of pages that are not there.
	shared     []bundle.File
	lock, lost string
	worker     []byte // sw.js of every deal's folder
	// receipts is what an opened deal reports with, where it does.
	receipts bundle.File
}

// bundleReader makes them, once for a project.
func bundleReader() (readerScripts, error) {
	pages, err := bundle.Scripts(seal.Browser(), "lock.ts", "lost.ts")
	if err != nil {
		return readerScripts{}, fmt.Errorf("making the reader of sealed deals: %w", err)
	}
	// A worker imports nothing: it is made by itself.
	worker, err := bundle.Scripts(seal.Browser(), "worker.ts")
	if err != nil {
		return readerScripts{}, fmt.Errorf("making the worker of sealed deals: %w", err)
	}
	// It may share nothing with the reader: a page that reports nothing has none of it.
	receipts, err := bundle.Scripts(browser.FS(), "receipts.ts")
	if err != nil {
		return readerScripts{}, fmt.Errorf("making the script of receipts: %w", err)
	}
	return readerScripts{shared: pages, lock: pages[0].Name, lost: pages[1].Name, worker: worker[0].Data, receipts: receipts[0]}, nil
}
