package main

import (
	"encoding/json"
	"fmt"
	"os"
)

// What there is of something on this node.
type felt struct {
	// In processors, bytes, descriptors or tracked connections.
	Total float64 `json:"total"`
	Left  float64 `json:"left"`
	// Whether a little of it could really be had just now.
	Works bool `json:"works"`
}

func feel(arguments []string) error {
	o, err := read(arguments)
	if err != nil {
		return err
	}
	var found felt
	switch o.kind {
	case "cpu":
		found, err = feelProcessors()
	case "memory":
		found, err = feelMemory()
	case "disk":
		found, err = feelDisk(o.path)
	case "descriptors":
		found, err = feelDescriptors(o.unit)
	case "conntrack":
		found, err = feelConntrack()
	default:
		err = fmt.Errorf("there is no pressure of the kind %q", o.kind)
	}
	if err != nil {
		return err
	}
	return json.NewEncoder(os.Stdout).Encode(found)
}
