package main

import (
	"errors"
	"fmt"
	"syscall"
)

// A file without a name, whose room is reserved and never written to: it ends with its last descriptor.
type disk struct {
	order
	file int
	held uint64
}

const (
	// Of Linux, where Go's own library does not name it.
	withoutName  = 0o20000000 | syscall.O_DIRECTORY
	leastPiece   = 64 << 10
	largestPiece = 64 << 20
	someBytes    = 1 << 20
)

func (d *disk) take() error {
	d.file = -1
	state, err := stateOf(d.path)
	if err != nil {
		return err
	}
	reach := min(d.amount, state.left)
	switch {
	case state.kind == inMemory:
		if available, err := hostAvailable(); err != nil || available < reach+d.room {
			return fmt.Errorf("%s lies in memory, of which the host has %d bytes left, and %d of them must stay", d.path, available, d.room)
		}
	case !state.limited:
		return fmt.Errorf("the volume of %s has no limit of its own, so the disk of the host would be filled", d.path)
	case state.behind < reach+d.room:
		return fmt.Errorf("the disk that the nodes share has %d bytes left, and %d of them must stay for the others", state.behind, d.room)
	}
	if reach == 0 {
		return fmt.Errorf("there is nothing to take: %d bytes are asked for, and %d are left", d.amount, state.left)
	}
	if d.file, err = syscall.Open(d.path, syscall.O_RDWR|syscall.O_CLOEXEC|withoutName, 0o600); err != nil {
		return fmt.Errorf("no file without a name can be made in %s: %w", d.path, err)
	}
	if err := d.fill(); err != nil {
		return err
	}
	if d.held < reach/2 {
		return fmt.Errorf("only %d of %d bytes could be taken", d.held, reach)
	}
	return nil
}

// Until all is taken, or there is nothing left. The limit of the volume keeps what follows within what was there at first.
func (d *disk) fill() error {
	for size := uint64(largestPiece); d.held < d.amount; {
		piece := min(size, d.amount-d.held)
		err := syscall.Fallocate(d.file, 0, int64(d.held), int64(piece))
		switch {
		case err == nil:
			d.held += piece
		case errors.Is(err, syscall.EINTR):
		case !isFull(err):
			return err
		case piece <= leastPiece:
			return nil
		default:
			size = max(leastPiece, piece/2)
		}
	}
	return nil
}

func isFull(err error) bool { return errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT) }

// What somebody else gave back is taken as well.
func (d *disk) keep() error {
	if d.held < d.amount && d.amount-d.held >= leastPiece {
		return d.fill()
	}
	return nil
}

func (d *disk) give() error {
	if d.file < 0 {
		return nil
	}
	_ = syscall.Ftruncate(d.file, 0)
	// A file system that frees with its next transaction frees now.
	_, _, _ = syscall.Syscall(sysSyncfs, uintptr(d.file), 0, 0)
	err := syscall.Close(d.file)
	d.file = -1
	return err
}

const (
	ofBtrfs  = 0x9123683e
	inMemory = 0x01021994
)

// The file system of a folder, and how much of it is left for this node.
type volume struct {
	kind                uint32
	total, left, behind uint64
	limited             bool
}

func stateOf(folder string) (volume, error) {
	var said syscall.Statfs_t
	if err := syscall.Statfs(folder, &said); err != nil {
		return volume{}, fmt.Errorf("%s: %w", folder, err)
	}
	size := uint64(said.Bsize)
	state := volume{kind: uint32(said.Type), total: said.Blocks * size, left: said.Bavail * size, behind: said.Bavail * size}
	if state.kind != ofBtrfs {
		return state, nil
	}
	used, limit, err := volumeLimit(folder)
	if err != nil || limit == 0 {
		return state, err
	}
	state.limited, state.total, state.left = true, limit, 0
	if used < limit {
		state.left = min(limit-used, state.behind)
	}
	return state, nil
}

// Really takes a little, and gives it back.
func feelDisk(folder string) (felt, error) {
	file, err := syscall.Open(folder, syscall.O_RDWR|syscall.O_CLOEXEC|withoutName, 0o600)
	works := err == nil
	if works {
		err = syscall.Fallocate(file, 0, 0, someBytes)
		works = err == nil
		syscall.Close(file)
	}
	if err != nil && !isFull(err) {
		return felt{}, fmt.Errorf("nothing can be written in %s: %w", folder, err)
	}
	state, err := stateOf(folder)
	return felt{Total: float64(state.total), Left: float64(state.left), Works: works}, err
}
