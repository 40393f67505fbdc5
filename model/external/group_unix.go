//go:build unix

package external

import (
	"os/exec"
	"syscall"
)

// ownGroup gives a program a process group of its own: Ctrl-C at the terminal is
// for oriel alone, and its children can be ended with it.
func ownGroup(c *exec.Cmd) { c.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} }

// killGroup ends a program and its children.
func killGroup(c *exec.Cmd) { _ = syscall.Kill(-c.Process.Pid, syscall.SIGKILL) }
