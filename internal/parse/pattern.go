package parse

import (
	"regexp"
	"sync"
)

// onDemand is a pattern that is compiled when it is first asked for. Most are
// for mistakes that a run does not meet, and all of them together would take
// longer than a start should.
func onDemand(pattern string) func() *regexp.Regexp {
	return sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(pattern) })
}
