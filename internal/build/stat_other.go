//go:build !linux && !darwin

package build

import (
	"errors"
	"os"
)

// canScan is false: here anyone may set every time that a file has, so that
// what was kept is never taken for what would be made.
const canScan = false

func statOf(*os.File) (stats, bool)         { return stats{}, false }
func statIn(*os.File, string) (stats, bool) { return stats{}, false }

func openIn(*os.File, string) (*os.File, error) { return nil, errors.ErrUnsupported }
func openFolder(string) (*os.File, error)       { return nil, errors.ErrUnsupported }
