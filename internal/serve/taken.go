package serve

import (
	"errors"
	"syscall"
)

// taken says whether a port could not be had because somebody else has it.
func taken(err error) bool {
	return errors.Is(err, syscall.EADDRINUSE) || errors.Is(err, syscall.EACCES)
}
