package main

import (
	"fmt"
	"os"
	"os/signal"
	"syscall"
	"time"
)

// Holds until its end, and tells on file 3 when it begins to, or why it does not.
func hold(arguments []string) error {
	told := os.NewFile(3, "told")
	syscall.CloseOnExec(3)
	asked := make(chan os.Signal, 1)
	signal.Notify(asked, syscall.SIGTERM, syscall.SIGINT, syscall.SIGHUP)
	// Whoever needs memory more takes this process first.
	_ = os.WriteFile("/proc/self/oom_score_adj", []byte("1000"), 0o644)
	o, err := read(arguments)
	var holding taker
	if err == nil {
		holding, err = takerOf(o)
	}
	if err == nil {
		if err = holding.take(); err != nil {
			_ = holding.give()
		}
	}
	if err != nil {
		fmt.Fprintln(told, err)
		return err
	}
	fmt.Fprintln(told, "holds")
	told.Close()
	// By a clock that nobody sets: the wall clock said once how long it is until the end.
	over := time.After(time.Until(o.end()))
	for {
		select {
		case <-over:
			return holding.give()
		case <-asked:
			return holding.give()
		case <-time.After(100 * time.Millisecond):
			if err := holding.keep(); err != nil {
				fmt.Fprintln(os.Stderr, err)
				return holding.give()
			}
		}
	}
}
