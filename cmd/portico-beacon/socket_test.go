//go:build linux

package main

import (
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"portico/internal/capability"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"portico-beacon": main})
}

// activated starts the program as systemd does, with sockets that somebody else
// holds, and waits until it says that it is ready.
func activated(t *testing.T, dir string, sockets []*os.File) *exec.Cmd {
	t.Helper()
	notify := filepath.Join(dir, "notify")
	heard, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: notify, Net: "unixgram"})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = errors.Join(heard.Close(), os.Remove(notify)) }() // it is in a folder of the test's
	// The variable names the process itself, which only the process can know.
	cmd := exec.Command("/bin/sh", "-c", `LISTEN_PID=$$ exec portico-beacon --db "$0"`, filepath.Join(dir, "beacon.db"))
	cmd.Env = append(os.Environ(), keyVariable+"="+capability.NewKey(teamKey(t)).Text(), "LISTEN_FDS=2", "NOTIFY_SOCKET="+notify)
	cmd.ExtraFiles = sockets
	var said strings.Builder
	cmd.Stderr = &said
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cmd.Process.Kill() }) // it may have ended
	if err := heard.SetReadDeadline(time.Now().Add(time.Minute)); err != nil {
		t.Fatal(err)
	}
	text := make([]byte, 256)
	n, err := heard.Read(text)
	if err != nil || !strings.Contains(string(text[:n]), "READY=1") {
		t.Fatalf("%q, %v: %s", text[:n], err, said.String())
	}
	return cmd
}

// Under systemd, which holds the sockets, a restart refuses nobody: who comes
// while no process is there is answered by the next.
func TestSocketActivation(t *testing.T) {
	dir := t.TempDir()
	var sockets []*os.File
	var addresses []string
	for range 2 {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		f, err := l.(*net.TCPListener).File()
		if err = errors.Join(err, l.Close()); err != nil { // the file is the same socket
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = f.Close() }) // nobody waits at it any more
		sockets, addresses = append(sockets, f), append(addresses, l.Addr().String())
	}
	for range 2 {
		answers := make(chan error, 1)
		go func() {
			res, err := http.Get("http://" + addresses[1] + "/readyz")
			if err == nil {
				_, err = io.Copy(io.Discard, res.Body)
				err = errors.Join(err, res.Body.Close())
				if res.StatusCode != http.StatusOK {
					err = errors.New(res.Status)
				}
			}
			answers <- err
		}()
		cmd := activated(t, dir, sockets)
		if err := <-answers; err != nil {
			t.Error(err)
		}
		if status, text := do(t, http.MethodGet, addresses[0], "/_portal/v1/receipts", "", "Origin", ""); status != http.StatusMethodNotAllowed {
			t.Errorf("pages are answered %d, %s", status, text)
		}
		http.DefaultClient.CloseIdleConnections()
		if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
			t.Fatal(err)
		}
		if err := cmd.Wait(); err != nil {
			t.Errorf("it does not end in order: %v", err)
		}
	}
}
