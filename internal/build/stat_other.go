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

// folder is never open.
type folder struct{}

func openFolder(string) (folder, error)    { return folder{}, errors.ErrUnsupported }
func asFolder(*os.File) (folder, error)    { return folder{}, errors.ErrUnsupported }
func (folder) open(string) (folder, error) { return folder{}, errors.ErrUnsupported }
func (folder) close()                      {}
func (folder) stat(string) (stats, bool)   { return stats{}, false }
func (folder) own() (stats, bool)          { return stats{}, false }
func (folder) list() ([]item, error)       { return nil, errors.ErrUnsupported }
