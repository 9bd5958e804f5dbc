package main

import (
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"unsafe"
)

// Of linux/btrfs.h.
const (
	quotaControl = 0xc0109428
	quotaLimit   = 0x8030942b
	lookupInode  = 0xd0009412
	fsInfo       = 0x8400941f
	enableSimple = 4
	firstObject  = 256
	maxReferred  = 1
	sysSyncfs    = 306
)

// Gives the subvolume of a folder a limit of its own: so much may be written to it from now on. What it shares with the volume that
// it was made from does not count. Does nothing on other file systems.
func quota(arguments []string) error {
	path, bytes := "", uint64(0)
	for n := 0; n+1 < len(arguments); n += 2 {
		switch arguments[n] {
		case "-path":
			path = arguments[n+1]
		case "-bytes":
			bytes, _ = strconv.ParseUint(arguments[n+1], 10, 64)
		}
	}
	var said syscall.Statfs_t
	if err := syscall.Statfs(path, &said); err != nil || bytes == 0 {
		return fmt.Errorf("a folder and a number of bytes must be told: %v", err)
	}
	if uint32(said.Type) != ofBtrfs {
		return nil
	}
	folder, err := os.Open(path)
	if err != nil {
		return err
	}
	defer folder.Close()
	enable := [2]uint64{enableSimple, 0}
	// One that is enabled already is as good.
	if err := control(folder, quotaControl, unsafe.Pointer(&enable)); err != nil && !errors.Is(err, syscall.EEXIST) {
		if _, limit, known := volumeLimit(path); known != nil || limit == 0 {
			if _, err := os.Stat(filepath.Join(nameOf(folder), "qgroups")); err != nil {
				return fmt.Errorf("no quotas of the simple kind: %w", err)
			}
		}
	}
	limits := [6]uint64{0, maxReferred, bytes, 0, 0, 0}
	return control(folder, quotaLimit, unsafe.Pointer(&limits))
}

func control(file *os.File, request uintptr, argument unsafe.Pointer) error {
	if _, _, wrong := syscall.Syscall(syscall.SYS_IOCTL, file.Fd(), request, uintptr(argument)); wrong != 0 {
		return wrong
	}
	return nil
}

// Where the kernel shows the file system of an open folder.
func nameOf(folder *os.File) string {
	var info [1024]byte
	if control(folder, fsInfo, unsafe.Pointer(&info)) != nil {
		return ""
	}
	id := info[16:32]
	return fmt.Sprintf("/sys/fs/btrfs/%x-%x-%x-%x-%x", id[0:4], id[4:6], id[6:8], id[8:10], id[10:16])
}

// What counts against the limit of the subvolume of a folder, and that limit; 0 where there is none.
func volumeLimit(path string) (used, limit uint64, err error) {
	folder, err := os.Open(path)
	if err != nil {
		return 0, 0, err
	}
	defer folder.Close()
	var lookup [4096]byte
	binary.NativeEndian.PutUint64(lookup[8:], firstObject)
	if err := control(folder, lookupInode, unsafe.Pointer(&lookup)); err != nil {
		return 0, 0, err
	}
	group := filepath.Join(nameOf(folder), "qgroups", fmt.Sprintf("0_%d", binary.NativeEndian.Uint64(lookup[:])))
	flags, err := os.ReadFile(filepath.Join(group, "limit_flags"))
	if errors.Is(err, os.ErrNotExist) {
		return 0, 0, nil
	}
	number, _ := strconv.ParseUint(strings.TrimPrefix(strings.TrimSpace(string(flags)), "0x"), 16, 64)
	if err != nil || number&maxReferred == 0 {
		return 0, 0, err
	}
	for _, name := range []string{"referenced", "rsv_data"} {
		each, err := numberIn(filepath.Join(group, name))
		if err != nil {
			return 0, 0, err
		}
		used += each
	}
	limit, err = numberIn(filepath.Join(group, "max_referenced"))
	return used, limit, err
}
