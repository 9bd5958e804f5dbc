package main

import (
	"container/heap"
	"encoding/binary"
	"errors"
	"fmt"
	"math/rand"
	"net"
	"os"
	"os/signal"
	"runtime"
	"strconv"
	"syscall"
	"time"
	"unsafe"
)

// What is over this is dropped, as a queue of a line would.
const mostHeldBytes = 64 << 20

// One after the other of one flow, also where the delay varies.
const flows = 4096

type packet struct {
	due   time.Duration
	order uint64
	bytes []byte
}

type queue []packet

func (q queue) Len() int { return len(q) }
func (q queue) Less(a, b int) bool {
	return q[a].due < q[b].due || (q[a].due == q[b].due && q[a].order < q[b].order)
}
func (q queue) Swap(a, b int) { q[a], q[b] = q[b], q[a] }
func (q *queue) Push(p any)   { *q = append(*q, p.(packet)) }
func (q *queue) Pop() any {
	last := len(*q) - 1
	p := (*q)[last]
	(*q)[last] = packet{}
	*q = (*q)[:last]
	return p
}

type relay struct {
	order
	tunnel, out int
	began       time.Time
	held        queue
	heldBytes   int
	count       uint64
	last        [flows]time.Duration
	networks    []*net.IPNet
	chosen      map[uint16]bool
	buffer      []byte
}

// Holds packets until its end, and tells on file 3 when it begins or why it does not.
func hold(arguments []string) error {
	told := os.NewFile(3, "told")
	syscall.CloseOnExec(3)
	r, err := open(arguments)
	if err == nil {
		err = divert(r.order)
		if err != nil {
			withdraw(r.order)
		}
	}
	if err != nil {
		fmt.Fprintln(told, err)
		return err
	}
	ended := make(chan struct{})
	go follow(r.order, ended)
	fmt.Fprintln(told, "holds")
	told.Close()
	r.carry()
	close(ended)
	withdraw(r.order)
	// Packets that are here were sent before those that go past it now.
	for r.held.Len() > 0 {
		r.send(heap.Pop(&r.held).(packet).bytes)
	}
	return nil
}

func open(arguments []string) (*relay, error) {
	o, err := read(arguments)
	if err != nil {
		return nil, err
	}
	r := &relay{order: o, began: time.Now(), buffer: make([]byte, 1<<16), chosen: map[uint16]bool{}}
	for _, text := range o.to {
		if _, network, err := net.ParseCIDR(text); err == nil {
			r.networks = append(r.networks, network)
		} else if address := net.ParseIP(text).To4(); address != nil {
			r.networks = append(r.networks, &net.IPNet{IP: address, Mask: net.CIDRMask(32, 32)})
		} else {
			return nil, fmt.Errorf("%q is no network", text)
		}
	}
	for _, text := range o.ports {
		port, err := strconv.ParseUint(text, 10, 16)
		if err != nil {
			return nil, fmt.Errorf("%q is no port", text)
		}
		r.chosen[uint16(port)] = true
	}
	if r.tunnel, err = openTunnel(o.device); err != nil {
		return nil, fmt.Errorf("no tunnel device %s: %w", o.device, err)
	}
	if r.out, err = syscall.Socket(syscall.AF_INET, syscall.SOCK_RAW|syscall.SOCK_CLOEXEC, syscall.IPPROTO_RAW); err != nil {
		return nil, fmt.Errorf("no raw socket: %w", err)
	}
	if err = syscall.SetsockoptInt(r.out, syscall.SOL_SOCKET, syscall.SO_MARK, mark); err != nil {
		return nil, fmt.Errorf("packets cannot be marked: %w", err)
	}
	_ = syscall.SetsockoptInt(r.out, syscall.SOL_SOCKET, syscall.SO_SNDBUF, 8<<20)
	// Whoever waits here makes others wait: a late relay would be a delay that nobody asked for.
	_ = syscall.Setpriority(syscall.PRIO_PROCESS, 0, -20)
	return r, nil
}

func openTunnel(name string) (int, error) {
	tunnel, err := syscall.Open("/dev/net/tun", syscall.O_RDWR|syscall.O_NONBLOCK|syscall.O_CLOEXEC, 0)
	if err != nil {
		return -1, err
	}
	var request [40]byte
	copy(request[:15], name)
	binary.NativeEndian.PutUint16(request[16:], syscall.IFF_TUN|syscall.IFF_NO_PI|syscall.IFF_TUN_EXCL)
	if _, _, wrong := syscall.Syscall(syscall.SYS_IOCTL, uintptr(tunnel), syscall.TUNSETIFF, uintptr(unsafe.Pointer(&request))); wrong != 0 {
		syscall.Close(tunnel)
		return -1, wrong
	}
	return tunnel, nil
}

type pollEntry struct {
	file    int32
	events  int16
	returns int16
}

// One loop: it waits for a packet, or until the next one is due, or until the end.
func (r *relay) carry() {
	runtime.LockOSThread()
	const slack = 29
	syscall.Syscall(syscall.SYS_PRCTL, slack, 1, 0)
	asked := make(chan os.Signal, 1)
	signal.Notify(asked, syscall.SIGTERM, syscall.SIGINT, syscall.SIGHUP)
	end := time.Since(r.began) + time.Duration(r.until-time.Now().UnixMilli())*time.Millisecond
	for {
		now := time.Since(r.began)
		for r.held.Len() > 0 && r.held[0].due <= now {
			p := heap.Pop(&r.held).(packet)
			r.heldBytes -= len(p.bytes)
			r.send(p.bytes)
		}
		if len(asked) > 0 || now >= end {
			return
		}
		// A signal is looked for so often.
		wait := min(end-now, 200*time.Millisecond)
		if r.held.Len() > 0 {
			wait = min(wait, r.held[0].due-now)
		}
		wait = max(wait, 0)
		entry := pollEntry{file: int32(r.tunnel), events: 1}
		spec := syscall.NsecToTimespec(wait.Nanoseconds())
		_, _, wrong := syscall.Syscall6(syscall.SYS_PPOLL, uintptr(unsafe.Pointer(&entry)), 1, uintptr(unsafe.Pointer(&spec)), 0, 0, 0)
		if wrong != 0 || entry.returns == 0 {
			continue
		}
		if !r.take() {
			return
		}
	}
}

// Takes what is there, but not for ever. Returns false when the device is gone.
func (r *relay) take() bool {
	for n := 0; n < 64; n++ {
		size, err := syscall.Read(r.tunnel, r.buffer)
		if errors.Is(err, syscall.EAGAIN) || errors.Is(err, syscall.EINTR) {
			return true
		}
		if err != nil || size <= 0 {
			return false
		}
		if size < 20 || r.buffer[0]>>4 != 4 {
			continue
		}
		now := time.Since(r.began)
		wait := r.waitFor(r.buffer[:size])
		if wait <= 0 && r.held.Len() == 0 {
			r.send(r.buffer[:size])
			continue
		}
		if r.heldBytes+size > mostHeldBytes {
			continue
		}
		flow := flowOf(r.buffer[:size])
		due := max(now+wait, r.last[flow])
		r.last[flow] = due
		r.count++
		r.heldBytes += size
		heap.Push(&r.held, packet{due, r.count, append([]byte(nil), r.buffer[:size]...)})
	}
	return true
}

func (r *relay) waitFor(bytes []byte) time.Duration {
	if len(r.chosen) > 0 {
		_, to, known := portsOf(bytes)
		if !known || bytes[9] != syscall.IPPROTO_TCP || !r.chosen[to] {
			return 0
		}
	}
	wait := r.delay
	if r.jitter > 0 {
		wait += time.Duration(rand.Int63n(2*int64(r.jitter)+1)) - r.jitter
	}
	if r.outside > 1 && !r.isInside(bytes[16:20]) {
		wait *= time.Duration(r.outside)
	}
	return wait
}

func (r *relay) isInside(address []byte) bool {
	if len(r.moving) > 0 && net.IP(address).String() == r.moving[0] {
		return true
	}
	for _, network := range r.networks {
		if network.Contains(net.IP(address)) {
			return true
		}
	}
	return false
}

// Not known of a later fragment, and of what has no ports.
func portsOf(bytes []byte) (from, to uint16, known bool) {
	header := int(bytes[0]&15) * 4
	protocol := bytes[9]
	if (protocol != syscall.IPPROTO_TCP && protocol != syscall.IPPROTO_UDP) || binary.BigEndian.Uint16(bytes[6:])&0x1fff != 0 || len(bytes) < header+4 {
		return 0, 0, false
	}
	return binary.BigEndian.Uint16(bytes[header:]), binary.BigEndian.Uint16(bytes[header+2:]), true
}

func flowOf(bytes []byte) uint32 {
	from, to, _ := portsOf(bytes)
	key := binary.BigEndian.Uint32(bytes[12:])*31 + binary.BigEndian.Uint32(bytes[16:])
	key = (key*31+uint32(from))*31 + uint32(to)
	return (key * 2654435761) >> 20
}

// What cannot be sent is lost, as on any line.
func (r *relay) send(bytes []byte) {
	to := syscall.SockaddrInet4{}
	copy(to.Addr[:], bytes[16:20])
	_ = syscall.Sendto(r.out, bytes, syscall.MSG_DONTWAIT, &to)
}
