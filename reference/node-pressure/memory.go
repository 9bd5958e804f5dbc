package main

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"syscall"
)

// Pages that were written to, and so are really there.
type memory struct {
	order
	held [][]byte
}

const chunk = 16 << 20

func (m *memory) take() error {
	left, err := feelMemory()
	if err != nil {
		return err
	}
	if m.amount == 0 || float64(m.amount) > left.Left {
		return fmt.Errorf("%d bytes are not free within the limit of this node, which has %.0f", m.amount, left.Left)
	}
	if err := m.enoughFor(m.amount); err != nil {
		return err
	}
	for taken := uint64(0); taken < m.amount; {
		size := min(chunk, m.amount-taken)
		if err := m.enoughFor(size); err != nil {
			return err
		}
		bytes, err := syscall.Mmap(-1, 0, int(size), syscall.PROT_READ|syscall.PROT_WRITE, syscall.MAP_PRIVATE|syscall.MAP_ANON)
		if err != nil {
			return err
		}
		m.held = append(m.held, bytes)
		for n := 0; n < len(bytes); n += 4096 {
			bytes[n] = byte(n>>12) | 1
		}
		taken += size
	}
	return nil
}

// The host keeps its room, whatever happens to others on it meanwhile.
func (m *memory) enoughFor(size uint64) error {
	available, err := hostAvailable()
	if err == nil && available < size+m.room {
		err = fmt.Errorf("the host has %d bytes left, and %d of them must stay", available, m.room)
	}
	return err
}

func (m *memory) keep() error {
	available, err := hostAvailable()
	if err == nil && available < m.room/2 {
		return fmt.Errorf("the host has only %d bytes left, so these are given back early", available)
	}
	return err
}

func (m *memory) give() error {
	for _, bytes := range m.held {
		_ = syscall.Munmap(bytes)
	}
	m.held = nil
	return nil
}

// What the control group of this node may still take, as the kernel accounts it, or the host where the group has no limit.
func feelMemory() (felt, error) {
	total, err := memoryOf("MemTotal:")
	if err != nil {
		return felt{}, err
	}
	available, err := hostAvailable()
	if err != nil {
		return felt{}, err
	}
	used, limit, known := groupMemory()
	if !known {
		return felt{Total: float64(total), Left: float64(available), Works: true}, nil
	}
	limit = min(limit, total)
	left := uint64(0)
	if used < limit {
		left = limit - used
	}
	return felt{Total: float64(limit), Left: float64(left), Works: true}, nil
}

// The group that the file system of control groups shows at its root is the node's own, in a namespace of its own.
func groupMemory() (used, limit uint64, known bool) {
	for _, names := range [][4]string{
		{"/sys/fs/cgroup/memory/", "memory.usage_in_bytes", "memory.limit_in_bytes", "total_inactive_file"},
		{"/sys/fs/cgroup/", "memory.current", "memory.max", "inactive_file"},
	} {
		usage, err := numberIn(names[0] + names[1])
		if err != nil {
			continue
		}
		if limit, err = numberIn(names[0] + names[2]); err != nil {
			limit = 1 << 62
		}
		// Pages of files that nobody used lately can be had at once.
		if idle := fieldIn(names[0]+"memory.stat", names[3]); idle < usage {
			usage -= idle
		}
		return usage, limit, true
	}
	return 0, 0, false
}

func hostAvailable() (uint64, error) { return memoryOf("MemAvailable:") }

func memoryOf(name string) (uint64, error) {
	kilobytes := fieldIn("/proc/meminfo", name)
	if kilobytes == 0 {
		return 0, fmt.Errorf("the kernel does not tell %s", name)
	}
	return kilobytes << 10, nil
}

func numberIn(file string) (uint64, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return 0, err
	}
	return strconv.ParseUint(strings.TrimSpace(string(text)), 10, 64)
}

// The number that follows a word at the beginning of a line; 0 where there is none.
func fieldIn(file, name string) uint64 {
	text, _ := os.ReadFile(file)
	for _, line := range strings.Split(string(text), "\n") {
		words := strings.Fields(line)
		if len(words) > 1 && words[0] == name {
			number, _ := strconv.ParseUint(words[1], 10, 64)
			return number
		}
	}
	return 0
}
