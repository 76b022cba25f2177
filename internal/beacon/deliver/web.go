package deliver

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"crypto/tls"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

const (
	// maxHeader and maxAnswer are what is read of an answer. Nothing in it counts
	// but its status.
	maxHeader = 16 << 10
	maxAnswer = 4 << 10
)

// poster posts to one address. It follows no redirect: an answer must not choose
// where the next request goes.
type poster struct {
	address string
	client  *http.Client
	now     func() time.Time
}

func (d *Deliverer) poster(u *url.URL) poster {
	return poster{u.String(), &http.Client{
		// A connection is not kept: alerts are few, and one that a receiver has
		// closed meanwhile would fail the next.
		Transport: &http.Transport{
			Proxy: http.ProxyFromEnvironment, DisableKeepAlives: true, MaxResponseHeaderBytes: maxHeader,
			TLSClientConfig: &tls.Config{RootCAs: d.Roots, MinVersion: tls.VersionTLS12},
		},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}, d.Now}
}

func (p poster) post(ctx context.Context, body []byte, header ...string) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, p.address, bytes.NewReader(body))
	if err != nil {
		return failure{why: "its address cannot be asked for", blocks: true}
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("User-Agent", "portico-beacon")
	for i := 0; i < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	res, err := p.client.Do(req)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	// Some of it is read so that a receiver which is still writing sees no reset.
	_, _ = io.CopyN(io.Discard, res.Body, maxAnswer) // it has answered already
	if res.StatusCode >= 200 && res.StatusCode < 300 {
		return nil
	}
	f := failure{why: fmt.Sprintf("it answered %d", res.StatusCode)}
	if res.StatusCode == http.StatusTooManyRequests || res.StatusCode >= 500 {
		f.blocks, f.after = true, min(asked(res.Header.Get("Retry-After"), p.now()), longest)
	}
	return f
}

// asked is how long an answer asks to wait: in seconds, or until a time.
func asked(text string, now time.Time) time.Duration {
	if seconds, err := strconv.ParseUint(text, 10, 31); err == nil {
		return time.Duration(seconds) * time.Second
	}
	if at, err := http.ParseTime(text); err == nil {
		return at.Sub(now)
	}
	return 0
}

// chat takes what Slack's incoming webhooks take, as Mattermost and others do.
type chat struct{ poster }

func (c chat) send(ctx context.Context, l letter) error {
	escape := strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;")
	body, err := json.Marshal(map[string]string{"text": escape.Replace("*" + l.subject + "*\n" + l.text)})
	if err != nil {
		return err
	}
	return c.post(ctx, body)
}

const (
	secretSuffix = "_SECRET"
	secretPrefix = "whsec_"
	// leastSecret and mostSecret are the bytes that Standard Webhooks allows.
	leastSecret, mostSecret = 24, 64
)

// parseSecret reads what signs webhooks.
func parseSecret(text string) ([]byte, error) {
	encoded, ok := strings.CutPrefix(text, secretPrefix)
	secret, err := base64.StdEncoding.DecodeString(encoded)
	if !ok || err != nil || len(secret) < leastSecret || len(secret) > mostSecret {
		return nil, errors.New("has to hold what signs what is sent: whsec_ and 24 to 64 random bytes in base64")
	}
	return secret, nil
}

// webhook signs as Standard Webhooks 1.0 has it, which receivers in most languages
// have a library for. The id lets them know what they have already.
type webhook struct {
	poster
	secret []byte
}

func (w webhook) send(ctx context.Context, l letter) error {
	at := strconv.FormatInt(w.now().Unix(), 10)
	return w.post(ctx, l.data, "webhook-id", l.id, "webhook-timestamp", at, "webhook-signature", sign(w.secret, l.id, at, l.data))
}

func sign(secret []byte, id, at string, body []byte) string {
	mac := hmac.New(sha256.New, secret)
	fmt.Fprintf(mac, "%s.%s.%s", id, at, body)
	return "v1," + base64.StdEncoding.EncodeToString(mac.Sum(nil))
}
