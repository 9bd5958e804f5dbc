package main

import (
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"syscall"
	"time"
)

// Connections that nobody has, in the table of this node's own network: each times out by itself at the end.
type conntrack struct {
	order
	held uint64
}

const (
	tableFolder = "/proc/sys/net/netfilter/"
	// More would take too much of the memory that the host keeps for its kernel.
	mostConnections = 1 << 20
	bytesOfOne      = 384
)

func (c *conntrack) take() error {
	if err := refuseShared(); err != nil {
		return err
	}
	limit, count, err := tableState()
	if err != nil {
		return err
	}
	reach := min(c.amount, limit-min(limit, count))
	if reach == 0 || limit > mostConnections {
		return fmt.Errorf("%d connections are none, or too many: the table of this node has %d of %d", c.amount, count, limit)
	}
	if available, err := hostAvailable(); err != nil || available < reach*bytesOfOne+c.room {
		return fmt.Errorf("the host has %d bytes of memory left, and %d of them must stay", available, c.room)
	}
	// An entry whose time is over counts until the kernel looks for such.
	if err := planEnd(c.order); err != nil {
		return err
	}
	if err := c.fill(); err != nil {
		return err
	}
	if c.held < reach/2 {
		return fmt.Errorf("only %d of %d connections could be put into the table", c.held, reach)
	}
	return nil
}

func (c *conntrack) fill() error {
	socket, err := openTable()
	if err != nil {
		return err
	}
	defer socket.close()
	seconds := max(1, uint32((time.Until(c.end())+time.Second-1)/time.Second))
	for c.held < c.amount {
		err := socket.ask(connection(create, c.id, c.held, seconds))
		if errors.Is(err, syscall.ENOMEM) || errors.Is(err, syscall.ENOSPC) {
			return nil
		}
		if err != nil && !errors.Is(err, syscall.EEXIST) {
			return fmt.Errorf("the kernel takes no connection into its table: %w", err)
		}
		c.held++
	}
	return nil
}

// Where others have ended, their places are taken as well.
func (c *conntrack) keep() error {
	if c.held < c.amount {
		return c.fill()
	}
	return nil
}

func (c *conntrack) give() error { return forgetConnections(c.id) }

// A table that somebody else lives in is not this node's to fill.
func refuseShared() error {
	state, err := os.Stat(tableFolder + "nf_conntrack_buckets")
	if err != nil {
		return errors.New("this node tracks no connections")
	}
	// The kernel lets only the network of the host itself change how large the table is.
	if state.Mode().Perm()&0o222 != 0 {
		return errors.New("this node shares the network of its host, and the table of its connections with it")
	}
	return nil
}

func tableState() (limit, count uint64, err error) {
	if limit, err = numberIn(tableFolder + "nf_conntrack_max"); err == nil {
		count, err = numberIn(tableFolder + "nf_conntrack_count")
	}
	return limit, count, err
}

// Ends the connections of an id before their time; does nothing where there are none.
func forgetConnections(id string) error {
	if refuseShared() != nil {
		return nil
	}
	limit, _, err := tableState()
	if err != nil || !isTracked(id) {
		return err
	}
	socket, err := openTable()
	if err != nil {
		return err
	}
	defer socket.close()
	// The first one goes last: while it is there, somebody has still to go through all of them.
	for n := min(limit, mostConnections); ; n-- {
		if err := socket.ask(connection(remove, id, n, 0)); err != nil && !errors.Is(err, syscall.ENOENT) {
			return err
		}
		if n == 0 {
			return nil
		}
	}
}

func isTracked(id string) bool {
	socket, err := openTable()
	if err != nil {
		return false
	}
	defer socket.close()
	return !errors.Is(socket.ask(connection(look, id, 0, 0)), syscall.ENOENT)
}

// Really has one connection tracked, for a second.
func feelConntrack() (felt, error) {
	if err := refuseShared(); err != nil {
		return felt{}, err
	}
	limit, count, err := tableState()
	if err != nil {
		return felt{}, err
	}
	socket, err := openTable()
	if err != nil {
		return felt{}, err
	}
	defer socket.close()
	name := fmt.Sprintf("feel %d", os.Getpid())
	err = socket.ask(connection(create, name, 0, 1))
	works := err == nil
	if works {
		_ = socket.ask(connection(remove, name, 0, 0))
	} else if !errors.Is(err, syscall.ENOMEM) && !errors.Is(err, syscall.ENOSPC) {
		return felt{}, fmt.Errorf("the kernel tells nothing of its table: %w", err)
	}
	return felt{Total: float64(limit), Left: float64(limit - min(limit, count)), Works: works}, nil
}

// Of linux/netfilter/nfnetlink_conntrack.h.
const (
	tableSystem = 1 << 8
	create      = tableSystem | 0
	look        = tableSystem | 1
	remove      = tableSystem | 2
	nested      = 1 << 15
)

// One datagram of UDP from a network for measurements to another, by its number under an id; answered, so that the kernel does not
// give its place to others when the table is full.
func connection(verb uint16, id string, n uint64, seconds uint32) []byte {
	hash := sha256.Sum256([]byte(id))
	from, to := []byte{198, 18, byte(n >> 24), byte(n >> 16)}, []byte{198, 19, hash[0], hash[1]}
	port, other := uint16(n), binary.BigEndian.Uint16(hash[2:])
	body := []byte{syscall.AF_INET, 0, 0, 0}
	body = append(body, tuple(1, from, to, port, other)...)
	flags := uint16(syscall.NLM_F_REQUEST | syscall.NLM_F_ACK)
	if verb == create {
		flags |= syscall.NLM_F_CREATE | syscall.NLM_F_EXCL
		body = append(body, tuple(2, to, from, other, port)...)
		// It was answered, it is sure of its place, and it is in the table.
		body = append(body, attribute(3, binary.BigEndian.AppendUint32(nil, 2|4|8))...)
		body = append(body, attribute(7, binary.BigEndian.AppendUint32(nil, seconds))...)
	}
	head := make([]byte, 16)
	binary.NativeEndian.PutUint32(head, uint32(16+len(body)))
	binary.NativeEndian.PutUint16(head[4:], verb)
	binary.NativeEndian.PutUint16(head[6:], flags)
	return append(head, body...)
}

func tuple(kind uint16, from, to []byte, port, other uint16) []byte {
	addresses := append(attribute(1, from), attribute(2, to)...)
	protocol := attribute(1, []byte{syscall.IPPROTO_UDP})
	protocol = append(protocol, attribute(2, binary.BigEndian.AppendUint16(nil, port))...)
	protocol = append(protocol, attribute(3, binary.BigEndian.AppendUint16(nil, other))...)
	return attribute(kind|nested, append(attribute(1|nested, addresses), attribute(2|nested, protocol)...))
}

func attribute(kind uint16, value []byte) []byte {
	bytes := make([]byte, 4, 4+len(value)+3)
	binary.NativeEndian.PutUint16(bytes, uint16(4+len(value)))
	binary.NativeEndian.PutUint16(bytes[2:], kind)
	bytes = append(bytes, value...)
	for len(bytes)%4 != 0 {
		bytes = append(bytes, 0)
	}
	return bytes
}

type table struct {
	socket int
	answer []byte
}

func openTable() (table, error) {
	const netfilter = 12
	socket, err := syscall.Socket(syscall.AF_NETLINK, syscall.SOCK_RAW|syscall.SOCK_CLOEXEC, netfilter)
	if err == nil {
		err = syscall.Bind(socket, &syscall.SockaddrNetlink{Family: syscall.AF_NETLINK})
	}
	return table{socket, make([]byte, 1<<16)}, err
}

func (t table) close() { syscall.Close(t.socket) }

// Sends one order and reads what came of it.
func (t table) ask(order []byte) error {
	if err := syscall.Sendto(t.socket, order, 0, &syscall.SockaddrNetlink{Family: syscall.AF_NETLINK}); err != nil {
		return err
	}
	size, _, err := syscall.Recvfrom(t.socket, t.answer, 0)
	if err != nil {
		return err
	}
	if size >= 20 && binary.NativeEndian.Uint16(t.answer[4:]) == create {
		return nil
	}
	if size < 20 || binary.NativeEndian.Uint16(t.answer[4:]) != syscall.NLMSG_ERROR {
		return errors.New("the kernel answered something else")
	}
	if code := int32(binary.NativeEndian.Uint32(t.answer[16:])); code != 0 {
		return syscall.Errno(-code)
	}
	return nil
}
