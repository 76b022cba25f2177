// Portico-beacon takes what viewers' pages report, keeps it, and hands it out
// to whoever makes reports. This room alone knows flags, the environment, the
// terminal, the clock and which databases there are; it links no compiler.
//
// The exit code is 0 if all went well, 1 if the machine failed, and 2 for wrong
// usage.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"
	"time"
	_ "time/tzdata" // digests keep to a deal's days on machines without time zones too
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := run(ctx, os.Args[1:], &app{out: os.Stdout, err: os.Stderr, env: os.Getenv, now: time.Now})
	stop()
	os.Exit(code)
}
