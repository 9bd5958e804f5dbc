package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/signal"
	"strconv"
	"sync/atomic"
	"syscall"
	"time"
)

// A body that is echoed or fetched is read no further than this.
const largestEcho = 1 << 20

// So many of the last requests are remembered.
const mostSeen = 100

// What an answer says; every path that is not one of the below gets it.
type echo struct {
	Hostname string              `json:"hostname"`
	Method   string              `json:"method"`
	Path     string              `json:"path"`
	Query    string              `json:"query"`
	Protocol string              `json:"protocol"`
	Remote   string              `json:"remote"`
	Headers  map[string][]string `json:"headers"`
	Body     string              `json:"body"`
}

// /healthz           200 as long as it runs
// /readyz            200, or 503 while it is unready
// /ready?value=      true or false: turns readiness on or off
// /sleep?ms=         answers after that time
// /status?code=      answers with that code
// /exit?code=        answers, then ends with that code
// /hostname          the name of the pod, as plain text
// /whoami            who answers, as JSON: pod, node and namespace as the environment names them, user and groups
// /get?url=&ms=      fetches that URL from here, over a connection of its own, within that time (default 2000); says what
//
//	came, how long it took and, where nothing came, how far it got, as JSON
//
// /lookup?name=      the addresses of that name as this pod finds them, as a JSON list
// /env?name=         that environment variable, as plain text
// /file?path=        mode and text of that file, as JSON
// /seen              the last paths that fell to the next line, as a JSON list
// anything else      what was asked, as JSON
func routes(ready *atomic.Bool, end func(code int)) http.Handler {
	mux := http.NewServeMux()
	addQuestions(mux)
	seen := &visits{}
	mux.HandleFunc("/seen", func(w http.ResponseWriter, _ *http.Request) { answerJSON(w, seen.list()) })
	mux.HandleFunc("/healthz", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprintln(w, "ok") })
	mux.HandleFunc("/readyz", func(w http.ResponseWriter, _ *http.Request) {
		if !ready.Load() {
			http.Error(w, "not ready", http.StatusServiceUnavailable)
			return
		}
		fmt.Fprintln(w, "ok")
	})
	mux.HandleFunc("/ready", func(w http.ResponseWriter, r *http.Request) {
		value, err := strconv.ParseBool(r.URL.Query().Get("value"))
		if err != nil {
			http.Error(w, "value is true or false", http.StatusBadRequest)
			return
		}
		ready.Store(value)
		fmt.Fprintln(w, value)
	})
	mux.HandleFunc("/sleep", func(w http.ResponseWriter, r *http.Request) {
		ms, ok := number(w, r, "ms", 0, 600_000)
		if !ok {
			return
		}
		select {
		case <-time.After(time.Duration(ms) * time.Millisecond):
			fmt.Fprintf(w, "slept %d ms\n", ms)
		case <-r.Context().Done():
		}
	})
	mux.HandleFunc("/status", func(w http.ResponseWriter, r *http.Request) {
		if code, ok := number(w, r, "code", 200, 599); ok {
			w.WriteHeader(code)
			fmt.Fprintln(w, code)
		}
	})
	mux.HandleFunc("/exit", func(w http.ResponseWriter, r *http.Request) {
		if code, ok := number(w, r, "code", 0, 255); ok {
			fmt.Fprintf(w, "ending with %d\n", code)
			end(code)
		}
	})
	mux.HandleFunc("/hostname", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, hostname()) })
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		seen.add(r.URL.Path)
		answerEcho(w, r)
	})
	return mux
}

func answerEcho(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(io.LimitReader(r.Body, largestEcho))
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	answerJSON(w, echo{
		Hostname: hostname(), Method: r.Method, Path: r.URL.Path, Query: r.URL.RawQuery, Protocol: r.Proto,
		Remote: r.RemoteAddr, Headers: r.Header, Body: string(body),
	})
}

func answerJSON(w http.ResponseWriter, value any) {
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(value)
}

func number(w http.ResponseWriter, r *http.Request, name string, least, most int) (int, bool) {
	value, err := strconv.Atoi(r.URL.Query().Get(name))
	if err != nil || value < least || value > most {
		http.Error(w, fmt.Sprintf("%s is a number from %d to %d", name, least, most), http.StatusBadRequest)
		return 0, false
	}
	return value, true
}

func hostname() string {
	name, err := os.Hostname()
	if err != nil {
		return "unknown"
	}
	return name
}

func serve(arguments []string) int {
	flags := flag.NewFlagSet("serve", flag.ExitOnError)
	port := flags.Int("port", 8080, "TCP port, on every address")
	after := flags.Duration("after", 0, "how long to wait before listening")
	unready := flags.Bool("unready", false, "start unready")
	_ = flags.Parse(arguments)

	stopped := make(chan os.Signal, 1)
	signal.Notify(stopped, syscall.SIGTERM, syscall.SIGINT)
	select {
	case <-time.After(*after):
	case <-stopped:
		return 0
	}

	var ready atomic.Bool
	ready.Store(!*unready)
	ended := make(chan int, 1)
	end := func(code int) {
		select {
		case ended <- code:
		default:
		}
	}
	server := &http.Server{
		Addr: fmt.Sprintf(":%d", *port), Handler: routes(&ready, end), ReadHeaderTimeout: 10 * time.Second,
	}
	failed := make(chan error, 1)
	go func() { failed <- server.ListenAndServe() }()
	fmt.Printf("serving on port %d\n", *port)

	code := 0
	select {
	case err := <-failed:
		if !errors.Is(err, http.ErrServerClosed) {
			return fail(err)
		}
	case code = <-ended:
	case <-stopped:
	}
	// Answers under way are finished: the one that asked for the end is among them.
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	_ = server.Shutdown(ctx)
	return code
}
