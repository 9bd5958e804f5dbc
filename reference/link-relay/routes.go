package main

import (
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"time"
)

// Before the table that everything else is looked up in, and after the addresses of this node itself.
const preference = "5351"

// Routes of ours carry this number as their origin.
const origin = "83"

func tableOf(o order) string { return strconv.FormatUint(uint64(o.table), 10) }

// Sends the packets of the order to the device. What is put in place last is what makes it act.
func divert(o order) error {
	if err := run("ip", "link", "set", "dev", o.device, "alias", o.id+" "+o.run); err != nil {
		return err
	}
	size := "1500"
	if text, err := os.ReadFile("/sys/class/net/" + o.through + "/mtu"); err == nil {
		size = strings.TrimSpace(string(text))
	}
	if err := run("ip", "link", "set", "dev", o.device, "mtu", size, "txqueuelen", "10000", "up"); err != nil {
		return err
	}
	taken, err := taken(o)
	if err != nil {
		return err
	}
	for _, network := range o.to {
		if taken[network] {
			return fmt.Errorf("another rule of ours acts on one of its links already: %s", network)
		}
		if err := route(o, "add", network); err != nil {
			return err
		}
	}
	if o.outside > 0 {
		if taken["default"] {
			return fmt.Errorf("another rule of ours acts on the way out already")
		}
		if err := route(o, "add", "default"); err != nil {
			return err
		}
		for _, network := range append(elsewhere(o), o.not...) {
			// One that is among those that are held is there already.
			if !contains(o.to, network) {
				_ = run("ip", "route", "add", "throw", network, "table", tableOf(o), "protocol", origin)
			}
		}
	}
	return run("ip", "rule", "add", "preference", preference, "not", "fwmark", strconv.Itoa(mark), "lookup", tableOf(o), "protocol", origin)
}

func route(o order, verb string, network string) error {
	given := []string{"route", verb, network, "dev", o.device, "table", tableOf(o), "protocol", origin}
	if o.source != "" && verb == "add" {
		given = append(given, "src", o.source)
	}
	return run("ip", given...)
}

// Takes away the rule and what is left in the table; does nothing where there is nothing.
func withdraw(o order) {
	for n := 0; n < 8; n++ {
		if run("ip", "rule", "delete", "preference", preference, "lookup", tableOf(o)) != nil {
			break
		}
	}
	_ = run("ip", "route", "flush", "table", tableOf(o))
}

// Networks that other relays of ours hold packets for.
func taken(o order) (map[string]bool, error) {
	found := map[string]bool{}
	said, err := exec.Command("ip", "-4", "route", "show", "table", "all").Output()
	if err != nil {
		return nil, fmt.Errorf("the routes of this node cannot be read: %w", err)
	}
	for _, line := range strings.Split(string(said), "\n") {
		words := strings.Fields(line)
		if len(words) > 2 && words[1] == "dev" && strings.HasPrefix(words[2], "sqd-") && words[2] != o.device {
			found[words[0]] = true
		}
	}
	return found, nil
}

// Networks of this node's other devices, such as the bridge of its pods.
func elsewhere(o order) []string {
	networks := []string{"224.0.0.0/4", "169.254.0.0/16"}
	said, _ := exec.Command("ip", "-4", "route", "show", "table", "main").Output()
	for _, line := range strings.Split(string(said), "\n") {
		words := strings.Fields(line)
		if len(words) > 2 && words[1] == "dev" && words[2] != o.through && words[0] != "default" {
			networks = append(networks, words[0])
		}
	}
	return networks
}

// Follows an address that moves between nodes: packets for it are held while one of the chosen ones has it.
func follow(o order, ended <-chan struct{}) {
	if len(o.moving) < 2 {
		return
	}
	address, held := o.moving[0], false
	for {
		holder := hardwareOf(address)
		if want := holder != "" && contains(o.moving[1:], holder); want != held {
			verb := map[bool]string{true: "add", false: "delete"}[want]
			if route(o, verb, address) == nil {
				held = want
			}
		}
		select {
		case <-ended:
			return
		case <-time.After(100 * time.Millisecond):
		}
	}
}

// Who has an address, as this node was last told.
func hardwareOf(address string) string {
	text, _ := os.ReadFile("/proc/self/net/arp")
	for _, line := range strings.Split(string(text), "\n") {
		words := strings.Fields(line)
		if len(words) > 3 && words[0] == address && words[2] != "0x0" {
			return words[3]
		}
	}
	return ""
}

func contains(all []string, one string) bool {
	for _, each := range all {
		if each == one {
			return true
		}
	}
	return false
}
