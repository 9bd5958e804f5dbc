package main

import (
	"fmt"
	"runtime"
	"syscall"
	"time"
)

// Threads that always have something to compute.
type processors struct{ order }

func (p *processors) take() error {
	if p.amount < 1 || p.amount > 64 {
		return fmt.Errorf("%d threads for each processor are none or too many", p.amount)
	}
	threads := int(p.amount) * runtime.NumCPU()
	// One more for the clock.
	runtime.GOMAXPROCS(threads + 1)
	end := time.Now().Add(time.Until(p.end()))
	for n := 0; n < threads; n++ {
		go func() {
			runtime.LockOSThread()
			// As an ordinary service; the clock of this process is before it.
			_ = syscall.Setpriority(syscall.PRIO_PROCESS, syscall.Gettid(), 0)
			for value := uint64(n); time.Now().Before(end); {
				for m := 0; m < 1<<16; m++ {
					value = value*6364136223846793005 + 1442695040888963407
				}
				sink = value
			}
		}()
	}
	return nil
}

func (p *processors) keep() error { return nil }
func (p *processors) give() error { return nil }

// So that no compiler finds out that nobody wants what is computed.
var sink uint64

// The share of a processor that somebody who computes gets on this node: 1 where nobody else wants it.
func feelProcessors() (felt, error) {
	runtime.LockOSThread()
	began, before := time.Now(), processorTime()
	value := uint64(1)
	for processorTime()-before < 100*time.Millisecond {
		for m := 0; m < 1<<14; m++ {
			value = value*6364136223846793005 + 1442695040888963407
		}
		// Where there is hardly anything left, that is an answer too.
		if time.Since(began) > 3*time.Second {
			break
		}
	}
	sink = value
	share := float64(processorTime()-before) / float64(time.Since(began))
	return felt{Total: 1, Left: min(1, share), Works: true}, nil
}

func processorTime() time.Duration {
	var used syscall.Rusage
	const thread = 1
	_ = syscall.Getrusage(thread, &used)
	return time.Duration(used.Utime.Nano() + used.Stime.Nano())
}
