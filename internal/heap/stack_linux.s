#include "go_asm.h"

// func useSome()
TEXT ·useSome(SB), 0, $const_someStack-0
	RET

// func useMore()
TEXT ·useMore(SB), 0, $const_moreStack-0
	RET
