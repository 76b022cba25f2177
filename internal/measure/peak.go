//go:build unix

package main

import (
	"os"
	"runtime"
	"syscall"
)

// peakOf is the most memory that a process had, in MiB. Linux counts it in KiB,
// others in bytes.
func peakOf(s *os.ProcessState) float64 {
	usage, ok := s.SysUsage().(*syscall.Rusage)
	if !ok {
		return 0
	}
	if runtime.GOOS == "linux" {
		return float64(usage.Maxrss) / (1 << 10)
	}
	return float64(usage.Maxrss) / (1 << 20)
}
