package deliver

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"syscall"
	"time"

	"github.com/emersion/go-smtp"
)

// failure is why something was not delivered, in words of this package alone: it
// is logged and kept.
type failure struct {
	why string
	// blocks says that it is the way out which fails, and not this one parcel.
	blocks bool
	// after is how long the receiver asked to wait.
	after time.Duration
}

func (f failure) Error() string { return f.why }

// failureOf finds words for an error. Those of other packages name addresses, or
// repeat what a receiver said, so they are passed over.
func failureOf(err error) failure {
	var own failure
	if errors.As(err, &own) {
		return own
	}
	var answer *smtp.SMTPError
	if errors.As(err, &answer) {
		return mailAnswer(answer)
	}
	return failure{why: connection(err), blocks: true}
}

// mailAnswer of a server that was reached. Most are about one mail or whom it is
// for; some are about the server, or about whoever is not logged in.
func mailAnswer(e *smtp.SMTPError) failure {
	why := fmt.Sprintf("the mail server answered %d", e.Code)
	if c := e.EnhancedCode; c[0] > 0 {
		why += fmt.Sprintf(" (%d.%d.%d)", c[0], c[1], c[2])
	}
	return failure{why: why, blocks: e.Code == 421 || e.Code == 454 || e.Code >= 530 && e.Code < 540}
}

// connection says what is the matter with one.
func connection(err error) string {
	var (
		timeout   net.Error
		name      *net.DNSError
		untrusted *tls.CertificateVerificationError
		unknown   x509.UnknownAuthorityError
		other     x509.HostnameError
		noTLS     tls.RecordHeaderError
	)
	switch {
	case errors.Is(err, context.DeadlineExceeded), errors.As(err, &timeout) && timeout.Timeout():
		return "it did not answer in time"
	case errors.As(err, &name):
		return "its host has no address"
	case errors.As(err, &untrusted), errors.As(err, &unknown), errors.As(err, &other):
		return "its certificate is not one to trust"
	case errors.As(err, &noTLS):
		return "it does not speak TLS"
	case errors.Is(err, syscall.ECONNREFUSED):
		return "it refused the connection"
	case errors.Is(err, syscall.ECONNRESET), errors.Is(err, syscall.EPIPE), errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, net.ErrClosed):
		return "it broke the connection"
	}
	return "the connection failed"
}
