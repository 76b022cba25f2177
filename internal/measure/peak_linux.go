package main

import (
	"os"
	"syscall"
)

// peakOf is the most memory that a process had, in MiB.
func peakOf(s *os.ProcessState) float64 {
	usage, ok := s.SysUsage().(*syscall.Rusage)
	if !ok {
		return 0
	}
	return float64(usage.Maxrss) / (1 << 10)
}
