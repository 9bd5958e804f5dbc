// A program for tests of a cluster. It serves HTTP and answers with what it was asked, and does on demand what programs
// do when they are unwell: it waits, turns unready, ends with a code, or never starts.
//
//	test-app serve [-port 8080] [-after 0s] [-unready]   serve HTTP; what it answers stands in serve.go
//	test-app crash [-code 1] [-after 0s]                 end with that code after that time
//	test-app sleep [-for 0s] [-deaf]                     do nothing for that time (0s: until SIGTERM); deaf ignores SIGTERM
//	test-app get [-timeout 2s] <url>                     fetch once and print the body; 0 when the answer was 2xx
//	test-app env <name>...                               print environment variables
//	test-app cat <file>...                               print files
//	test-app write <file> <text>                         write a file
//	test-app lookup <name>                               print the addresses of a name
//	test-app id                                          print user and groups
//	test-app version
package main

import (
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/signal"
	"sort"
	"syscall"
	"time"
)

// Set by the linker.
var version = "unknown"

// What a verb does with its arguments; the result is the exit code.
type verb func(arguments []string) int

var verbs = map[string]verb{
	"serve":   serve,
	"crash":   crash,
	"sleep":   sleep,
	"get":     get,
	"env":     env,
	"cat":     cat,
	"write":   write,
	"lookup":  lookup,
	"id":      func([]string) int { fmt.Println(os.Getuid(), os.Getgid()); return 0 },
	"version": func([]string) int { fmt.Println("test-app " + version); return 0 },
}

func main() {
	arguments := os.Args[1:]
	if len(arguments) == 0 {
		arguments = []string{"serve"}
	}
	run, known := verbs[arguments[0]]
	if !known {
		fmt.Fprintf(os.Stderr, "test-app knows no %q; it knows %v\n", arguments[0], names())
		os.Exit(64)
	}
	os.Exit(run(arguments[1:]))
}

func names() []string {
	all := make([]string, 0, len(verbs))
	for name := range verbs {
		all = append(all, name)
	}
	sort.Strings(all)
	return all
}

func crash(arguments []string) int {
	flags := flag.NewFlagSet("crash", flag.ExitOnError)
	code := flags.Int("code", 1, "exit code")
	after := flags.Duration("after", 0, "how long to live")
	_ = flags.Parse(arguments)
	time.Sleep(*after)
	fmt.Fprintf(os.Stderr, "crashing with %d, as asked\n", *code)
	return *code
}

func sleep(arguments []string) int {
	flags := flag.NewFlagSet("sleep", flag.ExitOnError)
	long := flags.Duration("for", 0, "how long; 0s means until SIGTERM")
	deaf := flags.Bool("deaf", false, "ignore SIGTERM")
	_ = flags.Parse(arguments)
	ended := make(chan os.Signal, 1)
	if *deaf {
		signal.Ignore(syscall.SIGTERM)
	} else {
		signal.Notify(ended, syscall.SIGTERM, syscall.SIGINT)
	}
	var over <-chan time.Time
	if *long > 0 {
		over = time.After(*long)
	} else if *deaf {
		// With no timer and no signal Go would call it a deadlock.
		over = time.After(1<<63 - 1)
	}
	select {
	case <-ended:
	case <-over:
	}
	return 0
}

func get(arguments []string) int {
	flags := flag.NewFlagSet("get", flag.ExitOnError)
	timeout := flags.Duration("timeout", 2*time.Second, "of the whole request")
	_ = flags.Parse(arguments)
	client := http.Client{Timeout: *timeout}
	answer, err := client.Get(flags.Arg(0))
	if err != nil {
		return fail(err)
	}
	defer answer.Body.Close()
	if _, err := io.Copy(os.Stdout, answer.Body); err != nil {
		return fail(err)
	}
	if answer.StatusCode/100 != 2 {
		fmt.Fprintln(os.Stderr, answer.Status)
		return 1
	}
	return 0
}

func env(arguments []string) int {
	for _, name := range arguments {
		fmt.Printf("%s=%s\n", name, os.Getenv(name))
	}
	return 0
}

func cat(arguments []string) int {
	for _, name := range arguments {
		text, err := os.ReadFile(name)
		if err != nil {
			return fail(err)
		}
		os.Stdout.Write(text)
	}
	return 0
}

func write(arguments []string) int {
	if len(arguments) != 2 {
		return fail(fmt.Errorf("write takes a file and a text"))
	}
	if err := os.WriteFile(arguments[0], []byte(arguments[1]), 0o644); err != nil {
		return fail(err)
	}
	return 0
}

func lookup(arguments []string) int {
	if len(arguments) != 1 {
		return fail(fmt.Errorf("lookup takes one name"))
	}
	addresses, err := net.LookupHost(arguments[0])
	if err != nil {
		return fail(err)
	}
	for _, address := range addresses {
		fmt.Println(address)
	}
	return 0
}

func fail(err error) int {
	fmt.Fprintln(os.Stderr, err)
	return 1
}
