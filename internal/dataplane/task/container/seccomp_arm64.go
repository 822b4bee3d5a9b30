package container

import "golang.org/x/sys/unix"

const nativeArch = unix.AUDIT_ARCH_AARCH64

// refusedHere are calls that only this architecture has: none.
var refusedHere []uint32
