package deliver

import "time"

const (
	// shortest and longest are the least times between attempts, of which each is
	// twice the one before.
	shortest = 5 * time.Second
	longest  = time.Hour
	// patience is how long something is tried at least.
	patience = 72 * time.Hour
)

// least is the shortest time after so many failures.
func least(failures int) time.Duration {
	const doublings = 16 // more than lead to the longest
	return min(shortest<<min(failures-1, doublings), longest)
}

// pause is that time and up to half as much again by chance, so that what failed
// together does not come back together.
func pause(failures int, random float64) time.Duration {
	d := least(failures)
	return d + time.Duration(random*float64(d)/2)
}

// patient says whether to try again after so many failures. They are counted
// rather than the time, so that neither a collector that was off nor a clock
// that jumps gives anything up.
func patient(failures int) bool {
	var waited time.Duration
	for n := 1; n < failures; n++ {
		waited += least(n)
	}
	return waited < patience
}
