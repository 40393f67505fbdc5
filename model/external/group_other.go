//go:build !unix

package external

import "os/exec"

func ownGroup(*exec.Cmd) {}

// killGroup ends a program. Its children end when they find their pipes closed.
func killGroup(c *exec.Cmd) { _ = c.Process.Kill() }
