// A relay that holds packets back. In the network namespace that it is started in, a rule of its own sends packets for chosen
// networks to a tunnel device, and what comes out of the device is sent on after a while. The device and its routes end with this
// process, however that ends; the rule that is left then looks into an empty table, and everything is as it was before.
//
//	link-relay begin -id ID -run RUN -device NAME -table N -until MS -delay 100ms -source ADDRESS [...]   hold, in the background
//	link-relay end -device NAME -table N   end that one; does nothing where it has ended
//	link-relay version
package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"time"
)

// Set by the linker.
var version = "unknown"

// Packets that carry it are on their way already. The table of rules on links does not track them either.
const mark = 0x53514c

func main() {
	verb := ""
	if len(os.Args) > 1 {
		verb = os.Args[1]
	}
	switch verb {
	case "begin":
		fail(begin(os.Args[2:]))
	case "hold":
		fail(hold(os.Args[2:]))
	case "end":
		fail(end(os.Args[2:]))
	case "version":
		fmt.Println("link-relay " + version)
	default:
		fmt.Fprintf(os.Stderr, "link-relay knows no %q; it knows begin, end, version\n", verb)
		os.Exit(64)
	}
}

func fail(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// What is held, and how.
type order struct {
	id, run, device, through, source string
	table                            uint
	until                            int64
	delay, jitter                    time.Duration
	to, not, ports, moving           list
	outside                          int
}

type list []string

func (l *list) String() string { return strings.Join(*l, ",") }
func (l *list) Set(text string) error {
	for _, each := range strings.Split(text, ",") {
		if each != "" {
			*l = append(*l, each)
		}
	}
	return nil
}

func read(arguments []string) (order, error) {
	o := order{}
	flags := flag.NewFlagSet("link-relay", flag.ContinueOnError)
	flags.StringVar(&o.id, "id", "", "the name of the rule")
	flags.StringVar(&o.run, "run", "", "the run that it belongs to")
	flags.StringVar(&o.device, "device", "", "the name of the tunnel device")
	flags.UintVar(&o.table, "table", 0, "the number of the table of routes")
	flags.StringVar(&o.through, "through", "eth0", "the device that leads to the others")
	flags.StringVar(&o.source, "source", "", "the address that this node sends from")
	flags.Int64Var(&o.until, "until", 0, "when it ends, in milliseconds of the clock of this host since 1970")
	flags.DurationVar(&o.delay, "delay", 0, "how long a packet is held")
	flags.DurationVar(&o.jitter, "jitter", 0, "by how much that varies, up and down")
	flags.Var(&o.to, "to", "networks that packets are held for")
	flags.IntVar(&o.outside, "outside", 0, "packets for everywhere else are held for so many times the delay; 0: not held")
	flags.Var(&o.not, "not", "networks that count as neither")
	flags.Var(&o.ports, "ports", "TCP ports at the receiver; without any, all packets are held")
	flags.Var(&o.moving, "moving", "an address, and the hardware addresses of those who count when they hold it")
	if err := flags.Parse(arguments); err != nil {
		return o, err
	}
	if o.device == "" || o.table == 0 {
		return o, errors.New("device and table must be told")
	}
	return o, nil
}

// Starts the one that holds in a session of its own, and returns when it holds.
func begin(arguments []string) error {
	if _, err := read(arguments); err != nil {
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
		return fmt.Errorf("the relay did not begin: %s", text)
	}
	return nil
}

// Takes the device away, which ends its process, and the rule.
func end(arguments []string) error {
	o, err := read(arguments)
	if err != nil {
		return err
	}
	withdraw(o)
	if _, err := os.Stat("/sys/class/net/" + o.device); err == nil {
		if err := run("ip", "link", "delete", o.device); err != nil {
			if _, still := os.Stat("/sys/class/net/" + o.device); still == nil {
				return err
			}
		}
	}
	return nil
}

func run(program string, arguments ...string) error {
	said, err := exec.Command(program, arguments...).CombinedOutput()
	if err != nil {
		return fmt.Errorf("%s %s: %s", program, strings.Join(arguments, " "), strings.TrimSpace(string(said)))
	}
	return nil
}
