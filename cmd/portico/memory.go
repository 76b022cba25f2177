package main

// floorBytes are counted as part of the heap and never touched.
const floorBytes = 20 << 20

// heapFloor has the collector of garbage wait until a run has made that much,
// for as long as it is held: most of what is made is soon forgotten, and of the
// few megabytes that are in use at a time a run of a thousand deals would
// collect a hundred times.
func heapFloor() []byte { return make([]byte, floorBytes) }
