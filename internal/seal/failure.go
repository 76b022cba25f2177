package seal

import "fmt"

// Failure is why something did not open: a value to compare with errors.Is.
type Failure string

const (
	// Version is a lock page, manifest or slot of another format.
	Version Failure = "not of the format portico/1"
	// Wrong is a way in that opens nothing here. More is not said: nobody
	// shall learn how near a guess was.
	Wrong Failure = "this opens nothing here"
	// Damaged is anything that is not what was sealed.
	Damaged Failure = "damaged"
	// Missing is a file that is not there.
	Missing Failure = "missing"
	// Expired is what should not be shown any more. It is a courtesy: who has
	// the key can read on.
	Expired Failure = "expired"
	// Older is a deal that is older than one seen before.
	Older Failure = "older than what was seen before"
)

func (f Failure) Error() string { return string(f) }

// damaged says what is not as it was sealed.
func damaged(text string, args ...any) error {
	return fmt.Errorf("%w: %s", Damaged, fmt.Sprintf(text, args...))
}
