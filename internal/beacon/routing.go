package beacon

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"time"

	"portico/internal/seal"
)

// Trigger is what an alert is about. The words are kept in databases.
type Trigger string

const (
	// FirstView is a viewer who opens the deal for the first time.
	FirstView Trigger = "first_view"
	// PricingAgain is a look at the price on a later visit than the first.
	PricingAgain Trigger = "pricing_again"
	// Return is a viewer who comes back after silence.
	Return Trigger = "return"
	// Silence is a deal that nobody opened for two weeks.
	Silence Trigger = "silence"
	// Refused is a burst of refused capabilities.
	Refused Trigger = "refused"
)

// Triggers are all of them.
func Triggers() []Trigger { return []Trigger{FirstView, PricingAgain, Return, Silence, Refused} }

// Via is how an alert goes out.
type Via string

const (
	Slack   Via = "slack"
	Mail    Via = "mail"
	Webhook Via = "webhook"
)

// Digest gathers what happened and tells it together; empty tells each at once.
type Digest string

const (
	AtOnce Digest = ""
	Daily  Digest = "daily"
	Weekly Digest = "weekly"
)

// Alert is one way out for some of what happens in a deal.
type Alert struct {
	On  []Trigger `json:"on"`
	Via Via       `json:"via"`
	// Env names the variable of the collector's environment that holds the
	// address, which may be a secret: it is not in the file.
	Env string `json:"env,omitempty"`
	// To are addresses of the seller's own team that mails go to; never a buyer's.
	To     []string `json:"to,omitempty"`
	Digest Digest   `json:"digest,omitempty"`
}

// Wants says whether the alert is about a trigger.
func (a Alert) Wants(t Trigger) bool { return slices.Contains(a.On, t) }

// Each is the alert once for everybody who gets a mail of it, so that an address
// that is refused holds up nobody else.
func (a Alert) Each() []Alert {
	if a.Via != Mail || len(a.To) < 2 {
		return []Alert{a}
	}
	var each []Alert
	for _, to := range a.To {
		one := a
		one.To = []string{to}
		each = append(each, one)
	}
	return each
}

// DealRouting is what the collector is told of a deal.
type DealRouting struct {
	// Zone is whose days a digest keeps to; nil for UTC.
	Zone *time.Location
	// Pricing are the targets that show a price.
	Pricing []Target
	// Until is the first second, in Unix time, at which nobody waits for views
	// any more; 0 for never.
	Until  int64
	Alerts []Alert
}

// Pair is a viewer of a deal.
type Pair struct {
	Deal   seal.DealID
	Viewer seal.ViewerID
}

// Routing is the file that `portico beacon-config` writes for the collector: who
// may send, who no longer may, and where alerts go. It has no name of a buyer
// and no title.
type Routing struct {
	// Origins from which pages may send, such as https://deals.lumen.example.
	Origins []string
	// Locale is the language of alerts, which are for the seller's own team.
	Locale string
	// Revoked are viewers whose capabilities count no longer.
	Revoked map[Pair]bool
	Deals   map[seal.DealID]DealRouting
}

type wireRouting struct {
	Version int                 `json:"v"`
	Origins []string            `json:"origins"`
	Locale  string              `json:"lang,omitempty"`
	Revoked [][2]string         `json:"revoked"`
	Deals   map[string]wireDeal `json:"deals"`
}

type wireDeal struct {
	Zone    string   `json:"tz,omitempty"`
	Pricing []string `json:"pricing,omitempty"`
	Until   int64    `json:"until,omitempty"`
	Alerts  []Alert  `json:"alerts,omitempty"`
}

// JSON is the file's content; the same routing always gives the same bytes.
func (r Routing) JSON() ([]byte, error) {
	w := wireRouting{Version: version, Origins: append([]string{}, r.Origins...), Locale: r.Locale, Revoked: [][2]string{}, Deals: map[string]wireDeal{}}
	for p := range r.Revoked {
		w.Revoked = append(w.Revoked, [2]string{p.Deal.Path(), p.Viewer.Text()})
	}
	slices.SortFunc(w.Revoked, func(a, b [2]string) int { return slices.Compare(a[:], b[:]) })
	for id, d := range r.Deals {
		deal := wireDeal{Until: d.Until, Alerts: d.Alerts}
		if d.Zone != nil {
			deal.Zone = d.Zone.String()
		}
		for _, t := range d.Pricing {
			deal.Pricing = append(deal.Pricing, t.Text())
		}
		w.Deals[id.Path()] = deal
	}
	data, err := json.MarshalIndent(w, "", " ")
	if err != nil {
		return nil, fmt.Errorf("writing the collector's configuration: %w", err)
	}
	return append(data, '\n'), nil
}

// ParseRouting reads such a file. Fields that it does not know are ignored; a
// version that it does not know is refused.
func ParseRouting(data []byte) (Routing, error) {
	var w wireRouting
	if err := json.Unmarshal(data, &w); err != nil {
		return Routing{}, fmt.Errorf("it is not what `portico beacon-config` writes: %w", err)
	}
	if w.Version != version {
		return Routing{}, fmt.Errorf("it is of version %d, and this collector reads version %d", w.Version, version)
	}
	r := Routing{Origins: w.Origins, Locale: w.Locale, Revoked: map[Pair]bool{}, Deals: map[seal.DealID]DealRouting{}}
	for _, o := range w.Origins {
		if err := checkOrigin(o); err != nil {
			return Routing{}, err
		}
	}
	for _, p := range w.Revoked {
		deal, dealErr := seal.ParseDealID(p[0])
		viewer, viewerErr := seal.ParseViewerID(p[1])
		if err := errors.Join(dealErr, viewerErr); err != nil {
			return Routing{}, fmt.Errorf("revoked: %w", err)
		}
		r.Revoked[Pair{deal, viewer}] = true
	}
	for id, d := range w.Deals {
		deal, err := seal.ParseDealID(id)
		if err != nil {
			return Routing{}, fmt.Errorf("deals: %w", err)
		}
		if r.Deals[deal], err = d.parse(); err != nil {
			return Routing{}, fmt.Errorf("deal %s: %w", id, err)
		}
	}
	return r, nil
}

// checkOrigin wants an origin as a browser sends it, for it is compared as text.
func checkOrigin(text string) error {
	u, err := url.Parse(text)
	if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" || text != u.Scheme+"://"+u.Host {
		return fmt.Errorf("origins: %q is none: it is https://, a host, and nothing behind it", text)
	}
	return nil
}

func (w wireDeal) parse() (DealRouting, error) {
	d := DealRouting{Until: w.Until, Alerts: w.Alerts}
	if w.Zone != "" {
		zone, err := time.LoadLocation(w.Zone)
		if err != nil {
			return d, fmt.Errorf("there is no time zone %q", w.Zone)
		}
		d.Zone = zone
	}
	for _, text := range w.Pricing {
		t, err := ParseTarget(text)
		if err != nil {
			return d, fmt.Errorf("pricing: %w", err)
		}
		d.Pricing = append(d.Pricing, t)
	}
	for i, a := range w.Alerts {
		if err := a.check(); err != nil {
			return d, fmt.Errorf("alert %d: %w", i+1, err)
		}
	}
	return d, nil
}

func (a Alert) check() error {
	for _, t := range a.On {
		if !slices.Contains(Triggers(), t) {
			return fmt.Errorf("nothing is called %q", t)
		}
	}
	switch {
	case len(a.On) == 0:
		return errors.New("it is about nothing")
	case a.Via != Slack && a.Via != Mail && a.Via != Webhook:
		return fmt.Errorf("there is no way out called %q", a.Via)
	case a.Via == Mail && len(a.To) == 0:
		return errors.New("a mail needs somebody it goes to")
	case a.Env == "":
		return errors.New("it does not say which variable holds its address")
	case a.Digest != AtOnce && a.Digest != Daily && a.Digest != Weekly:
		return fmt.Errorf("a digest is daily or weekly, not %q", a.Digest)
	}
	return nil
}
