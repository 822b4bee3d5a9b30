package container

import (
	"testing"

	"golang.org/x/sys/unix"
	"pgregory.net/rapid"
)

// data is a call as the filter sees it.
type data struct {
	number, arch uint32
	args         [6]uint32 // low words
}

// decide runs the program as the kernel would.
func decide(t interface{ Fatalf(string, ...any) }, program []unix.SockFilter, d data) uint32 {
	var word uint32
	for pc := 0; pc < len(program); pc++ {
		switch in := program[pc]; in.Code {
		case unix.BPF_LD | unix.BPF_W | unix.BPF_ABS:
			switch {
			case in.K == offsetNumber:
				word = d.number
			case in.K == offsetArch:
				word = d.arch
			default:
				word = d.args[(in.K-offsetArgs)/8]
			}
		case unix.BPF_RET | unix.BPF_K:
			return in.K
		default:
			yes := map[uint16]bool{unix.BPF_JEQ: word == in.K, unix.BPF_JGT: word > in.K, unix.BPF_JSET: word&in.K != 0}[in.Code&0xf0]
			if yes {
				pc += int(in.Jt)
			} else {
				pc += int(in.Jf)
			}
		}
	}
	t.Fatalf("the program ran off its end")
	return 0
}

func TestFilter(t *testing.T) {
	program := filter()
	for name, tt := range map[string]struct {
		d    data
		want uint32
	}{
		"read":               {data{number: unix.SYS_READ}, allow},
		"mount":              {data{number: unix.SYS_MOUNT}, refuse},
		"bpf":                {data{number: unix.SYS_BPF}, refuse},
		"io_uring":           {data{number: unix.SYS_IO_URING_SETUP}, refuse},
		"ptrace":             {data{number: unix.SYS_PTRACE}, allow},
		"foreign arch":       {data{number: unix.SYS_READ, arch: unix.AUDIT_ARCH_I386}, killTask},
		"thread":             {data{number: unix.SYS_CLONE, args: [6]uint32{unix.CLONE_VM | unix.CLONE_THREAD}}, allow},
		"user namespace":     {data{number: unix.SYS_CLONE, args: [6]uint32{unix.CLONE_NEWUSER | unix.CLONE_VM}}, refuse},
		"tcp":                {data{number: unix.SYS_SOCKET, args: [6]uint32{unix.AF_INET}}, allow},
		"vsock":              {data{number: unix.SYS_SOCKET, args: [6]uint32{unix.AF_VSOCK}}, refuse},
		"alg":                {data{number: unix.SYS_SOCKET, args: [6]uint32{unix.AF_ALG}}, refuse},
		"window size":        {data{number: unix.SYS_IOCTL, args: [6]uint32{0, unix.TIOCGWINSZ}}, allow},
		"typing for another": {data{number: unix.SYS_IOCTL, args: [6]uint32{0, unix.TIOCSTI}}, refuse},
		"ask personality":    {data{number: unix.SYS_PERSONALITY, args: [6]uint32{0xffffffff}}, allow},
		"odd personality":    {data{number: unix.SYS_PERSONALITY, args: [6]uint32{0x0400000}}, refuse},
		"call of tomorrow":   {data{number: newest + 1}, missing},
		"clone3":             {data{number: unix.SYS_CLONE3}, missing},
	} {
		if tt.d.arch == 0 {
			tt.d.arch = nativeArch
		}
		if got := decide(t, program, tt.d); got != tt.want {
			t.Errorf("%s: got %#x, want %#x", name, got, tt.want)
		}
	}
}

func TestFilterNeverRunsOffItsEnd(t *testing.T) {
	program := filter()
	rapid.Check(t, func(t *rapid.T) {
		d := data{number: rapid.Uint32().Draw(t, "number"), arch: nativeArch}
		d.args[0], d.args[1] = rapid.Uint32().Draw(t, "a0"), rapid.Uint32().Draw(t, "a1")
		if got := decide(t, program, d); got != allow && got != refuse && got != missing {
			t.Fatalf("verdict %#x", got)
		}
	})
}
