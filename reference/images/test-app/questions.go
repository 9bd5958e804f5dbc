package main

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"os"
	"sync"
	"time"
)

// Who answers. The first three are what the pod was told in its environment.
type self struct {
	Pod       string `json:"pod"`
	Node      string `json:"node"`
	Namespace string `json:"namespace"`
	User      int    `json:"user"`
	Group     int    `json:"group"`
	Groups    []int  `json:"groups"`
}

// What came when something was fetched from here.
type fetched struct {
	// 0 when nothing came.
	Status int    `json:"status"`
	Body   string `json:"body"`
	// Why nothing came; empty otherwise.
	Says string `json:"says"`
	// How far it had come when it failed: resolve, connect, send, wait or body; empty when an answer came whole.
	Phase  string `json:"phase"`
	TookMs int64  `json:"tookMs"`
}

type file struct {
	Mode string `json:"mode"`
	Text string `json:"text"`
}

func addQuestions(mux *http.ServeMux) {
	mux.HandleFunc("/whoami", func(w http.ResponseWriter, _ *http.Request) {
		groups, _ := os.Getgroups()
		answerJSON(w, self{
			Pod: os.Getenv("POD_NAME"), Node: os.Getenv("NODE_NAME"), Namespace: os.Getenv("POD_NAMESPACE"),
			User: os.Getuid(), Group: os.Getgid(), Groups: groups,
		})
	})
	mux.HandleFunc("/get", func(w http.ResponseWriter, r *http.Request) {
		ms := 2000
		if r.URL.Query().Has("ms") {
			given, ok := number(w, r, "ms", 1, 60_000)
			if !ok {
				return
			}
			ms = given
		}
		answerJSON(w, fetch(r.URL.Query().Get("url"), time.Duration(ms)*time.Millisecond))
	})
	mux.HandleFunc("/lookup", func(w http.ResponseWriter, r *http.Request) {
		limited, cancel := context.WithTimeout(r.Context(), 5*time.Second)
		defer cancel()
		addresses, err := net.DefaultResolver.LookupHost(limited, r.URL.Query().Get("name"))
		if err != nil {
			http.Error(w, err.Error(), http.StatusNotFound)
			return
		}
		answerJSON(w, addresses)
	})
	mux.HandleFunc("/env", func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprint(w, os.Getenv(r.URL.Query().Get("name")))
	})
	mux.HandleFunc("/file", func(w http.ResponseWriter, r *http.Request) {
		path := r.URL.Query().Get("path")
		about, err := os.Stat(path)
		if err != nil {
			http.Error(w, err.Error(), http.StatusNotFound)
			return
		}
		// A folder has a mode and no text.
		text, _ := os.ReadFile(path)
		answerJSON(w, file{Mode: about.Mode().String(), Text: string(text)})
	})
}

// Over a connection of its own, so that each goes the whole way again, with every choice that is made on it.
func fetch(url string, within time.Duration) fetched {
	begun := time.Now()
	way := &way{reached: "connect"}
	transport := &http.Transport{DisableKeepAlives: true}
	defer transport.CloseIdleConnections()
	client := http.Client{Timeout: within, Transport: transport}
	question, err := http.NewRequest(http.MethodGet, url, nil)
	if err != nil {
		return fetched{Says: err.Error(), Phase: "resolve", TookMs: time.Since(begun).Milliseconds()}
	}
	answer, err := client.Do(question.WithContext(httptrace.WithClientTrace(question.Context(), way.trace())))
	if err != nil {
		return fetched{Says: err.Error(), Phase: way.now(), TookMs: time.Since(begun).Milliseconds()}
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(io.LimitReader(answer.Body, largestEcho))
	came := fetched{Status: answer.StatusCode, Body: string(body), TookMs: time.Since(begun).Milliseconds()}
	if err != nil {
		came.Says, came.Phase = err.Error(), "body"
	}
	return came
}

// How far a request has come. Its hooks are called from other goroutines.
type way struct {
	lock    sync.Mutex
	reached string
}

func (w *way) at(phase string) {
	w.lock.Lock()
	defer w.lock.Unlock()
	w.reached = phase
}

func (w *way) now() string {
	w.lock.Lock()
	defer w.lock.Unlock()
	return w.reached
}

func (w *way) trace() *httptrace.ClientTrace {
	return &httptrace.ClientTrace{
		DNSStart:             func(httptrace.DNSStartInfo) { w.at("resolve") },
		ConnectStart:         func(string, string) { w.at("connect") },
		GotConn:              func(httptrace.GotConnInfo) { w.at("send") },
		WroteRequest:         func(httptrace.WroteRequestInfo) { w.at("wait") },
		GotFirstResponseByte: func() { w.at("body") },
	}
}

type visits struct {
	lock  sync.Mutex
	paths []string
}

func (v *visits) add(path string) {
	v.lock.Lock()
	defer v.lock.Unlock()
	v.paths = append(v.paths, path)
	if len(v.paths) > mostSeen {
		v.paths = v.paths[1:]
	}
}

func (v *visits) list() []string {
	v.lock.Lock()
	defer v.lock.Unlock()
	return append([]string{}, v.paths...)
}
