// Takes away for a while what a node has. A process holds it until its end by its own clock, and what it holds ends with it,
// however it ends: memory and threads are the process's own, a file without a name goes with its last descriptor. What the kernel
// keeps (tracked connections, limits of others) is ended by a timer of the node as well. It never takes what is not the node's own,
// and leaves room to whoever shares the host.
//
//	node-pressure begin -id ID -run RUN -kind KIND -until MS -amount N [...]   hold, in the background; returns when it holds
//	node-pressure end -id ID   end that one and whatever it left; does nothing where there is nothing
//	node-pressure list         what is held, one JSON object a line
//	node-pressure feel -kind KIND [...]   how much there is and how much of it is left, by trying; JSON
//	node-pressure quota -path FOLDER -bytes N   gives the volume of a folder a limit of its own
//	node-pressure version
package main

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// Set by the linker.
var version = "unknown"

func main() {
	verb := ""
	if len(os.Args) > 1 {
		verb = os.Args[1]
	}
	if verb != "feel" {
		// Whoever holds must end in time, and whoever ends it must get through, also where processors are what is taken. What is
		// started from here has this priority in all of its threads.
		runtime.LockOSThread()
		_ = syscall.Setpriority(syscall.PRIO_PROCESS, 0, -20)
	}
	switch verb {
	case "begin":
		fail(begin(os.Args[2:]))
	case "hold":
		fail(hold(os.Args[2:]))
	case "end":
		fail(end(os.Args[2:]))
	case "list":
		fail(list())
	case "feel":
		fail(feel(os.Args[2:]))
	case "quota":
		fail(quota(os.Args[2:]))
	case "version":
		fmt.Println("node-pressure " + version)
	default:
		fmt.Fprintf(os.Stderr, "node-pressure knows no %q; it knows begin, end, list, feel, quota, version\n", verb)
		os.Exit(64)
	}
}

func fail(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// What is held, and how much of it.
type order struct {
	id, run, kind, path, unit string
	until                     int64
	amount, room              uint64
	timer                     bool
}

func read(arguments []string) (order, error) {
	o := order{}
	flags := flag.NewFlagSet("node-pressure", flag.ContinueOnError)
	flags.StringVar(&o.id, "id", "", "the name of what is held")
	flags.StringVar(&o.run, "run", "", "the run that it belongs to")
	flags.StringVar(&o.kind, "kind", "", "cpu, memory, disk, descriptors or conntrack")
	flags.Int64Var(&o.until, "until", 0, "when it ends, in milliseconds of the clock of this host since 1970")
	flags.Uint64Var(&o.amount, "amount", 0, "threads for each processor, bytes, or tracked connections")
	flags.Uint64Var(&o.room, "room", 1<<30, "so many bytes of memory, or of the disk behind a quota, are left to whoever shares the host")
	flags.StringVar(&o.path, "path", "", "a folder on the file system that is meant")
	flags.StringVar(&o.unit, "unit", "", "the name of the processes whose descriptors are meant")
	flags.BoolVar(&o.timer, "timer", true, "whether a timer of the node ends as well what does not end with a process")
	err := flags.Parse(arguments)
	return o, err
}

func (o order) end() time.Time { return time.UnixMilli(o.until) }

// How one kind is taken.
type taker interface {
	// Takes all of it, or says why not and takes nothing.
	take() error
	// Called a few times a second while it is held. What it returns ends it early.
	keep() error
	// What does not end with the process.
	give() error
}

func takerOf(o order) (taker, error) {
	switch o.kind {
	case "cpu":
		return &processors{order: o}, nil
	case "memory":
		return &memory{order: o}, nil
	case "disk":
		return &disk{order: o}, nil
	case "descriptors":
		return &descriptors{order: o}, nil
	case "conntrack":
		return &conntrack{order: o}, nil
	}
	return nil, fmt.Errorf("there is no pressure of the kind %q", o.kind)
}

// Starts the one that holds in a session of its own, and returns when it holds.
func begin(arguments []string) error {
	o, err := read(arguments)
	if err != nil {
		return err
	}
	if o.id == "" || time.Until(o.end()) <= 0 {
		return errors.New("an id must be told, and an end that is still to come")
	}
	if err := finish(o.id); err != nil {
		return err
	}
	reader, writer, err := os.Pipe()
	if err != nil {
		return err
	}
	self, err := os.Executable()
	if err != nil {
		return err
	}
	child := exec.Command(self, append([]string{"hold"}, arguments...)...)
	child.ExtraFiles = []*os.File{writer}
	child.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	child.Dir = "/"
	if err := child.Start(); err != nil {
		return err
	}
	writer.Close()
	said, _ := io.ReadAll(reader)
	if text := strings.TrimSpace(string(said)); text != "holds" {
		return fmt.Errorf("nothing is held: %s", text)
	}
	return nil
}

// Ends what is held under an id, and what was left of it.
func end(arguments []string) error {
	o, err := read(arguments)
	if err != nil {
		return err
	}
	if o.id == "" {
		return errors.New("an id must be told")
	}
	return finish(o.id)
}

func finish(id string) error {
	began := time.Now()
	for {
		left := 0
		for _, each := range holders() {
			if each.Id != id {
				continue
			}
			left++
			// One that was asked has its time to give back; then it is ended as it is, and we give back.
			sign := syscall.SIGTERM
			if time.Since(began) > 5*time.Second {
				sign = syscall.SIGKILL
			}
			_ = syscall.Kill(each.pid, sign)
		}
		if left == 0 {
			break
		}
		if time.Since(began) > 10*time.Second {
			return fmt.Errorf("%d processes that hold %s do not end", left, id)
		}
		time.Sleep(20 * time.Millisecond)
	}
	if err := restoreLimits(id); err != nil {
		return err
	}
	if err := forgetConnections(id); err != nil {
		return err
	}
	cancelEnd(id)
	return nil
}

// A process that holds something, as the kernel lists it.
type holder struct {
	Id   string `json:"id"`
	Run  string `json:"run"`
	Kind string `json:"kind"`
	pid  int
}

func holders() []holder {
	found := []holder{}
	entries, _ := os.ReadDir("/proc")
	for _, entry := range entries {
		pid, err := strconv.Atoi(entry.Name())
		if err != nil || pid == os.Getpid() {
			continue
		}
		text, _ := os.ReadFile(filepath.Join("/proc", entry.Name(), "cmdline"))
		words := strings.Split(strings.TrimRight(string(text), "\x00"), "\x00")
		if len(words) < 2 || filepath.Base(words[0]) != "node-pressure" || words[1] != "hold" {
			continue
		}
		if o, err := read(words[2:]); err == nil {
			found = append(found, holder{o.id, o.run, o.kind, pid})
		}
	}
	return found
}

func list() error {
	written := json.NewEncoder(os.Stdout)
	for _, each := range append(holders(), limited()...) {
		if err := written.Encode(each); err != nil {
			return err
		}
	}
	return nil
}
