package vnet

import (
	"encoding/binary"
	"net/netip"
	"time"

	"golang.org/x/sys/unix"

	"apex/internal/dataplane/vnet/netns"
)

// pings sends an echo request from an interface and reports whether the answer
// comes.
func (l *lab) pings(from, to string) bool {
	l.Helper()
	answered := false
	check(l, netns.Do(l.at(from), func() error {
		fd, err := unix.Socket(unix.AF_INET, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, unix.IPPROTO_ICMP)
		if err != nil {
			return err
		}
		defer unix.Close(fd)
		wait := unix.NsecToTimeval(int64(500 * time.Millisecond))
		if err := unix.SetsockoptTimeval(fd, unix.SOL_SOCKET, unix.SO_RCVTIMEO, &wait); err != nil {
			return err
		}
		if err := unix.Sendto(fd, echoRequest(), 0, &unix.SockaddrInet4{Addr: netip.MustParseAddr(to).As4()}); err != nil {
			return err
		}
		_, _, err = unix.Recvfrom(fd, make([]byte, 64), 0)
		answered = err == nil
		return nil
	}))
	return answered
}

func echoRequest() []byte {
	message := []byte{8, 0, 0, 0, 0, 1, 0, 1}
	binary.BigEndian.PutUint16(message[2:], ^uint16(0x0800+1+1))
	return message
}
