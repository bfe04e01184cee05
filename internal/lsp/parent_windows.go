package lsp

import "golang.org/x/sys/windows"

// alive reports whether a process exists. One that cannot be opened counts.
func alive(pid int) bool {
	if pid <= 0 {
		return true
	}
	process, err := windows.OpenProcess(windows.SYNCHRONIZE, false, uint32(pid)) //nolint:gosec // pids are 32 bits wide there
	if err != nil {
		return err != windows.ERROR_INVALID_PARAMETER
	}
	defer windows.CloseHandle(process) //nolint:errcheck // nothing can be done about it
	state, err := windows.WaitForSingleObject(process, 0)
	return err != nil || state == uint32(windows.WAIT_TIMEOUT)
}
