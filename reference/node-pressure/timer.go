package main

import (
	"fmt"
	"os"
	"os/exec"
	"strings"
	"time"
)

func timerOf(id string) string { return "squall-pressure-" + hashOf(id) }

// What does not end with the process that holds it is ended by a timer of the node as well, which is there before anything is taken.
func planEnd(o order) error {
	if !o.timer {
		return nil
	}
	self, err := os.Executable()
	if err != nil {
		return err
	}
	_ = exec.Command("systemctl", "stop", timerOf(o.id)+".timer").Run()
	after := fmt.Sprintf("--on-active=%.3fs", max(time.Until(o.end()), time.Millisecond).Seconds())
	said, err := exec.Command("systemd-run", "--quiet", "--collect", "--unit="+timerOf(o.id), after,
		"--timer-property=AccuracySec=50ms", self, "end", "-id", o.id).CombinedOutput()
	if err != nil {
		return fmt.Errorf("the node plans no end: %s", strings.TrimSpace(string(said)))
	}
	return nil
}

// Also asked by what the timer started, so it waits for nothing.
func cancelEnd(id string) {
	if _, err := os.Stat("/run/systemd/system"); err == nil {
		_ = exec.Command("systemctl", "--no-block", "stop", timerOf(id)+".timer").Run()
	}
}
