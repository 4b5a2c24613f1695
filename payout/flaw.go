package payout

// flaw switches guards off, one bit each. It is zero wherever the package is used; the tests set it to see that a missing
// guard is noticed.
type flaw uint16

const (
	ignoresMinimum  flaw = 1 << iota // pays below the minimum
	paysInFraudHold                  // pays while a fraud case is open
	paysNewDetails                   // pays to details that were just changed
	reservesNothing                  // freezes without taking the money
	approvesAlone                    // lets the maker approve
	ignoresTotals                    // does not compare the totals that the checker types
	answersTwice                     // books a final answer again
	keepsFee                         // does not give the fee of a rejected payout back
	ignoresAmount                    // takes any amount for an answer
)

func (f flaw) has(g flaw) bool { return f&g != 0 }
