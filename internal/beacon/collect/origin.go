package collect

import (
	"net"
	"net/netip"
	"net/url"
	"slices"
)

// known says whether pages of an origin may send: those that the routing
// names, those of the host that was asked, and of this machine where that is
// wanted.
func (c *Collector) known(origin, host string) bool {
	if slices.Contains(c.Routes.Current().Origins, origin) {
		return true
	}
	u, err := url.Parse(origin)
	if err != nil || u.Host == "" || origin != u.Scheme+"://"+u.Host {
		return false
	}
	return u.Host == host || c.Loopback && loopback(u.Host)
}

// loopback says whether a host is this machine.
func loopback(host string) bool {
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	ip, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && ip.IsLoopback()
}
