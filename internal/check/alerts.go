package check

import (
	"fmt"

	"portico/internal/deal"
)

// ownAlerts are those of a deal, which stand instead of the site's.
func ownAlerts(v *visit) {
	if v.Own["beacon.alert"] {
		v.alerts(v.Beacon.Alerts, v.Beacon.URL, v.toml)
	}
}

// alerts go to people who can be reached the way that they say. What is wrong
// here shows nowhere else before somebody misses an alert.
func (v *visit) alerts(alerts []deal.Alert, collector, file string) {
	via := map[string]string{}
	for i, a := range alerts {
		at := func(step ...any) deal.Place {
			return deal.Place{File: file, Path: deal.At(append([]any{"beacon", "alert", i}, step...)...)}
		}
		if collector == "" {
			v.warn(at(), "alert-unheard", "without a collector there is nothing to tell of", "", "write its address into [beacon] of portico.toml: url = \"https://plans.example.com/_portal\"")
		}
		if a.Via != "mail" && len(a.To) > 0 {
			v.warn(at("to"), "alert-to-unused", fmt.Sprintf("nobody is told by name where it goes by %s", a.Via), "", "everybody who reads what `env` leads to is told; delete `to`, or write via = \"mail\"")
		}
		if a.Via == "mail" {
			v.reachable(a, at)
		}
		if before := via[a.Env]; a.Env != "" && before != "" && before != a.Via {
			v.fail(at("env"), "alert-two-ways", fmt.Sprintf("%s holds one address, and another alert goes there by %s", a.Env, before), "", "give each way a variable of its own")
		}
		via[a.Env] = a.Via
	}
}

// reachable wants mail addresses of those whom an alert names.
func (v *visit) reachable(a deal.Alert, at func(...any) deal.Place) {
	for j, id := range a.To {
		if m := v.site.Member(id); m != nil && m.Email == "" {
			v.warn(at("to", j), "alert-no-address", fmt.Sprintf("%q has no mail address, and is not told", id), "", "write `email` into [person."+id+"] of portico.toml")
		}
	}
}
