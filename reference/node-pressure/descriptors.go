package main

import (
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"unsafe"
)

// The processes of a service may open nothing more: their limit is lowered to what they have. It is a limit of theirs and not of
// this process, so what it was is written down before, and a timer of the node gives it back if nobody else does.
type descriptors struct {
	order
	was []limits
}

type limits struct {
	Pid int `json:"pid"`
	// In ticks since the host started: a number is given to other processes later.
	Since string `json:"since"`
	Soft  uint64 `json:"soft"`
	Hard  uint64 `json:"hard"`
}

type written struct {
	holder
	Was []limits `json:"was"`
}

const kept = "/run/squall-pressure"

func (d *descriptors) take() error {
	pids := pidsOf(d.unit)
	if len(pids) == 0 {
		return fmt.Errorf("no process is called %q", d.unit)
	}
	for _, pid := range pids {
		soft, hard, err := limitOf(pid, nil)
		if err != nil {
			return err
		}
		d.was = append(d.was, limits{pid, since(pid), soft, hard})
	}
	text, err := json.Marshal(written{holder{d.id, d.run, d.kind, 0}, d.was})
	if err == nil {
		err = os.MkdirAll(kept, 0o700)
	}
	if err == nil {
		err = os.WriteFile(fileOf(d.id), text, 0o600)
	}
	if err == nil {
		err = planEnd(d.order)
	}
	if err != nil {
		return err
	}
	return d.keep()
}

// Also what a process closes it may not open again.
func (d *descriptors) keep() error {
	for _, each := range d.was {
		if since(each.Pid) != each.Since {
			continue
		}
		lowest := min(lowestFree(each.Pid), each.Soft)
		if _, _, err := limitOf(each.Pid, &[2]uint64{lowest, each.Hard}); err != nil && !errors.Is(err, syscall.ESRCH) {
			return err
		}
	}
	return nil
}

func (d *descriptors) give() error { return restoreLimits(d.id) }

func hashOf(id string) string { return fmt.Sprintf("%x", sha256.Sum256([]byte(id)))[:12] }
func fileOf(id string) string { return filepath.Join(kept, hashOf(id)+".json") }

// Gives back what was lowered under an id; does nothing where nothing was.
func restoreLimits(id string) error {
	text, err := os.ReadFile(fileOf(id))
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	var found written
	if err == nil {
		err = json.Unmarshal(text, &found)
	}
	if err != nil {
		return err
	}
	for _, each := range found.Was {
		if since(each.Pid) != each.Since {
			continue
		}
		if _, _, err := limitOf(each.Pid, &[2]uint64{each.Soft, each.Hard}); err != nil && !errors.Is(err, syscall.ESRCH) {
			return err
		}
	}
	if err := os.Remove(fileOf(id)); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	_ = os.Remove(kept)
	return nil
}

// What is lowered though nobody holds it any more.
func limited() []holder {
	found := []holder{}
	files, _ := filepath.Glob(filepath.Join(kept, "*.json"))
	for _, file := range files {
		var each written
		if text, err := os.ReadFile(file); err == nil && json.Unmarshal(text, &each) == nil {
			found = append(found, each.holder)
		}
	}
	return found
}

func feelDescriptors(unit string) (felt, error) {
	found := felt{Works: true}
	// Where none runs, nobody is kept from opening anything.
	for n, pid := range pidsOf(unit) {
		soft, _, err := limitOf(pid, nil)
		if errors.Is(err, syscall.ESRCH) {
			continue
		}
		if err != nil {
			return felt{}, err
		}
		left := float64(soft) - float64(min(soft, lowestFree(pid)))
		if n == 0 || left < found.Left {
			found.Total, found.Left = float64(soft), left
		}
	}
	found.Works = found.Total == 0 || found.Left > 0
	return found, nil
}

// Main processes by their name, of which the kernel keeps 15 letters.
func pidsOf(name string) []int {
	found := []int{}
	entries, _ := os.ReadDir("/proc")
	for _, entry := range entries {
		pid, err := strconv.Atoi(entry.Name())
		if err != nil {
			continue
		}
		text, _ := os.ReadFile(filepath.Join("/proc", entry.Name(), "comm"))
		if name != "" && strings.TrimSpace(string(text)) == name[:min(15, len(name))] {
			found = append(found, pid)
		}
	}
	return found
}

func since(pid int) string {
	text, _ := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	// A name may hold anything, so it is counted from behind it.
	words := strings.Fields(string(text)[strings.LastIndex(string(text), ")")+1:])
	if len(words) < 20 {
		return ""
	}
	return words[19]
}

func lowestFree(pid int) uint64 {
	open := map[string]bool{}
	entries, _ := os.ReadDir(fmt.Sprintf("/proc/%d/fd", pid))
	for _, entry := range entries {
		open[entry.Name()] = true
	}
	for n := uint64(0); ; n++ {
		if !open[strconv.FormatUint(n, 10)] {
			return n
		}
	}
}

// Reads the limit of open files of a process, and sets it where one is given.
func limitOf(pid int, set *[2]uint64) (soft, hard uint64, err error) {
	var was [2]uint64
	const ofFiles = 7
	if _, _, wrong := syscall.RawSyscall6(syscall.SYS_PRLIMIT64, uintptr(pid), ofFiles, uintptr(unsafe.Pointer(set)),
		uintptr(unsafe.Pointer(&was)), 0, 0); wrong != 0 {
		return 0, 0, fmt.Errorf("the limit of process %d: %w", pid, wrong)
	}
	return was[0], was[1], nil
}
