//go:build !linux && !darwin

package build

import (
	"errors"
	"os"
)

// canScan is false: here anyone may set every time that a file has, so that
// what was kept is never taken for what would be made.
const canScan = false

func statOf(*os.File) (stats, bool) { return stats{}, false }
func statAt(string) (stats, bool)   { return stats{}, false }

// dirHandle is never open.
type dirHandle struct{}

func openFolder(string) (dirHandle, error)       { return dirHandle{}, errors.ErrUnsupported }
func asFolder(*os.File) (dirHandle, error)       { return dirHandle{}, errors.ErrUnsupported }
func (dirHandle) open(string) (dirHandle, error) { return dirHandle{}, errors.ErrUnsupported }
func (dirHandle) close()                         {}
func (dirHandle) stat(string) (stats, bool)      { return stats{}, false }
func (dirHandle) own() (stats, bool)             { return stats{}, false }
func (dirHandle) tells() bool                    { return false }
func (dirHandle) list() ([]item, error)          { return nil, errors.ErrUnsupported }
