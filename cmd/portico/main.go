// Portico compiles deal folders into buyer portals. This room alone knows
// flags, the environment, the terminal, the clock and where keys come from;
// each verb is a file of its own.
//
// What a person asked for goes to standard output; what the program has to say
// about it goes to standard error. Nothing is decorated where that is no
// terminal. The exit code is 0 if all went well, 1 if there are mistakes in
// content or the machine failed, and 2 for wrong usage.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"
	"time"
	_ "time/tzdata" // machines without time zones build the same pages
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := run(ctx, os.Args[1:], &app{in: os.Stdin, out: os.Stdout, err: os.Stderr, env: os.Getenv, now: time.Now})
	stop()
	os.Exit(code)
}
