package deliver

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"net/url"
	"slices"
	"strings"

	"portico/internal/beacon"
)

// sender is one way out, with all that is secret about it.
type sender interface {
	send(ctx context.Context, l letter) error
}

// send a letter the way that an alert names, as the environment has it now.
func (d *Deliverer) send(ctx context.Context, a beacon.Alert, l letter) error {
	s, err := d.sender(a)
	var own failure
	switch {
	case errors.As(err, &own):
		return own
	case err != nil:
		return failure{why: err.Error(), blocks: true}
	}
	return s.send(ctx, l)
}

// sender of an alert. Its errors name variables, and nothing of what is in them.
func (d *Deliverer) sender(a beacon.Alert) (sender, error) {
	text := d.Env(a.Env)
	if text == "" {
		return nil, fmt.Errorf("%s is not set where the collector runs", a.Env)
	}
	u, err := url.Parse(text)
	if err != nil || u.Host == "" {
		return nil, fmt.Errorf("%s is no address", a.Env) // the parser's words would repeat it
	}
	switch a.Via {
	case beacon.Mail:
		return d.mailer(a, u)
	case beacon.Slack:
		return chat{d.poster(u)}, checkWeb(a.Env, u)
	case beacon.Webhook:
		secret, err := parseSecret(d.Env(a.Env + secretSuffix))
		if err != nil {
			return nil, fmt.Errorf("%s%s %w", a.Env, secretSuffix, err)
		}
		return webhook{d.poster(u), secret}, checkWeb(a.Env, u)
	}
	return nil, fmt.Errorf("there is no way out called %q", a.Via)
}

// checkWeb wants TLS to other machines: what is sent tells who looks at what, and
// the address of a chat is its password.
func checkWeb(env string, u *url.URL) error {
	if u.Scheme == "https" || u.Scheme == "http" && loopback(u.Hostname()) {
		return nil
	}
	return fmt.Errorf("%s has to begin with https://", env)
}

// loopback says whether a host is this machine whatever a name server says.
func loopback(host string) bool {
	ip, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && ip.IsLoopback()
}

// Route is a way out that the routing file names.
type Route struct {
	Via beacon.Via
	Env string
	// To is who gets a mail.
	To string
	// Problem is what keeps everything from going out by it.
	Problem error
}

// ways out that the routing file names, each once, in order.
func (d *Deliverer) ways() []beacon.Alert {
	seen := map[string]beacon.Alert{}
	for _, deal := range d.Routes.Current().Deals {
		for _, a := range deal.Alerts {
			for _, one := range a.Each() {
				seen[way(one)] = one
			}
		}
	}
	var all []beacon.Alert
	for _, a := range seen {
		all = append(all, a)
	}
	slices.SortFunc(all, func(a, b beacon.Alert) int { return strings.Compare(way(a), way(b)) })
	return all
}

// Check says of every way out whether the environment has what it takes. Nothing
// is sent.
func (d *Deliverer) Check() []Route {
	return d.each(func(a beacon.Alert) error {
		_, err := d.sender(a)
		return err
	})
}

// Test sends a message by every way out.
func (d *Deliverer) Test(ctx context.Context) []Route {
	return d.each(func(a beacon.Alert) error {
		ctx, cancel := context.WithTimeout(ctx, d.Limit)
		defer cancel()
		if err := d.send(ctx, a, d.trial()); err != nil {
			return failureOf(err)
		}
		return nil
	})
}

func (d *Deliverer) each(try func(beacon.Alert) error) []Route {
	var all []Route
	for _, a := range d.ways() {
		all = append(all, Route{Via: a.Via, Env: a.Env, To: strings.Join(a.To, " "), Problem: try(a)})
	}
	return all
}
