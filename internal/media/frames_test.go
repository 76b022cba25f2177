package media

import (
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// own are hosts that a site allows besides.
var own = []string{"player.fern.example", "*.vale.example"}

func TestFrameOf(t *testing.T) {
	tests := []struct{ address, provider, want string }{
		{"https://www.youtube.com/watch?v=dQw4w9WgXcQ", "YouTube", "https://www.youtube-nocookie.com/embed/dQw4w9WgXcQ?rel=0"},
		{"http://youtube.com/watch?list=x&v=dQw4w9WgXcQ&t=90s", "YouTube", "https://www.youtube-nocookie.com/embed/dQw4w9WgXcQ?rel=0"},
		{"https://M.YouTube.com/shorts/a_b-C", "YouTube", "https://www.youtube-nocookie.com/embed/a_b-C?rel=0"},
		{"https://youtu.be/dQw4w9WgXcQ?si=abc", "YouTube", "https://www.youtube-nocookie.com/embed/dQw4w9WgXcQ?rel=0"},
		{"https://www.youtube.com/live/abc", "YouTube", "https://www.youtube-nocookie.com/embed/abc?rel=0"},
		{"https://www.youtube-nocookie.com/embed/abc", "YouTube", "https://www.youtube-nocookie.com/embed/abc?rel=0"},
		{"https://vimeo.com/123456", "Vimeo", "https://player.vimeo.com/video/123456?dnt=1"},
		{"https://vimeo.com/123456/abc123", "Vimeo", "https://player.vimeo.com/video/123456?dnt=1&h=abc123"},
		{"https://player.vimeo.com/video/123456?h=abc123&badge=0", "Vimeo", "https://player.vimeo.com/video/123456?dnt=1&h=abc123"},
		{"https://www.loom.com/share/0a1b?sid=x", "Loom", "https://www.loom.com/embed/0a1b"},
		{"https://fern.wistia.com/medias/abc", "Wistia", "https://fast.wistia.net/embed/iframe/abc?doNotTrack=true"},
		{"https://fast.wistia.net/embed/iframe/abc", "Wistia", "https://fast.wistia.net/embed/iframe/abc?doNotTrack=true"},
		{"https://docs.google.com/presentation/d/1aB_-c/edit#slide=id.p", "Google Slides", "https://docs.google.com/presentation/d/1aB_-c/embed"},
		{"https://docs.google.com/presentation/u/1/d/1aB/edit", "Google Slides", "https://docs.google.com/presentation/d/1aB/embed"},
		{"https://docs.google.com/presentation/d/e/2PACX-1/pub?start=false", "Google Slides", "https://docs.google.com/presentation/d/e/2PACX-1/embed"},
		{"https://www.figma.com/design/AbC/Plan?node-id=1-2&t=x", "Figma", "https://embed.figma.com/design/AbC?embed-host=portico&node-id=1-2"},
		{"https://figma.com/board/AbC", "Figma", "https://embed.figma.com/board/AbC?embed-host=portico"},
		{"https://calendly.com/mara-lindqvist/30min?month=2027-01", "Calendly", "https://calendly.com/mara-lindqvist/30min?hide_gdpr_banner=1"},
		{"http://player.fern.example/v/1?a=b#c", "player.fern.example", "https://player.fern.example/v/1?a=b#c"},
		{"https://PLAYER.fern.example/", "player.fern.example", "https://player.fern.example/"},
		{"https://a.b.vale.example/x", "a.b.vale.example", "https://a.b.vale.example/x"},
	}
	hosts := FrameHosts(own)
	for _, tt := range tests {
		t.Run(tt.address, func(t *testing.T) {
			f, ok := FrameOf(tt.address, own)
			if !ok {
				t.Fatal("it is refused")
			}
			if diff := cmp.Diff([]string{tt.provider, tt.want}, []string{f.Provider, f.URL}); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			u, err := url.Parse(f.URL)
			if err != nil || u.Scheme != "https" || u.Host != f.Host || u.User != nil || !matches(f.Host, hosts) {
				t.Errorf("%+v is not what the policy allows", f)
			}
		})
	}
}

func TestFrameOfRefuses(t *testing.T) {
	addresses := []string{
		// No address of a page.
		"", "x", "youtube.com/watch?v=abc", "//www.youtube.com/watch?v=abc", "javascript:alert(1)", "data:text/html,x", "ftp://www.youtube.com/watch?v=abc",
		"file:///etc/passwd", "mailto:a@youtube.com", "https:www.youtube.com/watch?v=abc", "https:///watch?v=abc", "blob:https://www.youtube.com/x", " https://youtu.be/abc",
		"https://youtu.be/abc\n", "https://youtu.be/%zz", "https://[::1]/embed/abc",
		// With a name, a password or a port.
		"https://user@www.youtube.com/watch?v=abc", "https://www.youtube.com@x.example/watch?v=abc", "https://user:word@player.fern.example/",
		"https://:@player.fern.example/", "https://player.fern.example@x.example/", "https://www.youtube.com:8443/watch?v=abc", "https://player.fern.example:443/",
		"https://player.fern.example:/", "https://x.example\\@player.fern.example/", "https://x.example#@player.fern.example/", "https://x.example?@player.fern.example/",
		// Hosts that look alike.
		"https://youtube.com.x.example/watch?v=abc", "https://notyoutube.com/watch?v=abc", "https://www.youtube.com./watch?v=abc", "https://www.y\u043eutube.com/watch?v=abc",
		"https://www.xn--yutube-wqf.com/watch?v=abc", "https://www.youtube.org/watch?v=abc", "https://youtu.be.x.example/abc", "https://wistia.com.x.example/medias/abc",
		"https://notwistia.com/medias/abc", "https://evil.loom.com/share/abc", "https://x.player.fern.example/", "https://player.fern.example.x.example/",
		"https://vale.example/x", "https://.vale.example.x/", "https://evilvale.example/", "https://fern.example/", "https://ｙoutube.com/watch?v=abc", "https://player%2efern.example/",
		// Pages that are no player, and identifiers that are none.
		"https://www.youtube.com/", "https://www.youtube.com/watch", "https://www.youtube.com/watch?v=", "https://www.youtube.com/watch?v=a%2Fb", "https://www.youtube.com/watch?v=a%22b",
		"https://www.youtube.com/@fern", "https://www.youtube.com/embed/", "https://www.youtube.com/embed/a%2F..%2Fb%3Fc", "https://youtu.be/", "https://youtu.be/a/b", "https://youtu.be/a%2Fb",
		"https://youtu.be/a&autoplay=1", "https://vimeo.com/", "https://vimeo.com/fern", "https://vimeo.com/12a", "https://vimeo.com/channels/staff/12", "https://vimeo.com/%2e%2e/12",
		"https://www.loom.com/", "https://www.loom.com/share/", "https://www.loom.com/share/a.b", "https://www.loom.com/looms/videos", "https://docs.google.com/document/d/abc/edit",
		"https://docs.google.com/presentation/", "https://docs.google.com/forms/d/e/abc/presentation/d/x",
		"https://www.figma.com/", "https://www.figma.com/files/recent", "https://www.figma.com/design/a%22b", "https://calendly.com/", "https://calendly.com", "https://calendly.com/..",
		"https://calendly.com/a%22b", "https://calendly.com/a%3Fb", "https://calendly.com/a b", "https://x.example/embed/abc",
	}
	for _, address := range addresses {
		t.Run(address, func(t *testing.T) {
			if f, ok := FrameOf(address, own); ok {
				t.Errorf("it gives %+v", f)
			}
		})
	}
}

// Identifiers with dots and slashes never lead to another page of a provider.
func TestFrameOfStaysOnPlayers(t *testing.T) {
	tests := map[string]string{
		"https://www.youtube.com/embed/abc/../../x":          "",
		"https://www.youtube.com/embed/abc%2F..%2Fdef":       "https://www.youtube-nocookie.com/embed/def?rel=0",
		"https://calendly.com/a/../../b":                     "https://calendly.com/b?hide_gdpr_banner=1",
		"https://calendly.com//x.example/a":                  "https://calendly.com/x.example/a?hide_gdpr_banner=1",
		"https://vimeo.com/123?h=a%26b":                      "https://player.vimeo.com/video/123?dnt=1",
		"https://www.figma.com/design/A?node-id=1%262":       "https://embed.figma.com/design/A?embed-host=portico",
		"https://www.youtube.com/watch?v=a%0Ab&v=c":          "",
		"https://docs.google.com/presentation/d/A/../../x/y": "https://docs.google.com/presentation/d/A/embed",
		"https://docs.google.com/presentation/d/A%2Fb/edit":  "https://docs.google.com/presentation/d/A/embed",
	}
	for address, want := range tests {
		t.Run(address, func(t *testing.T) {
			if f, _ := FrameOf(address, nil); f.URL != want {
				t.Errorf("it gives %q, not %q", f.URL, want)
			}
		})
	}
}

// The list is sorted, and each host stands in it once.
func TestFrameHosts(t *testing.T) {
	builtin := FrameHosts(nil)
	if len(builtin) != len(providers()) || !slices.IsSorted(builtin) {
		t.Errorf("built in are %q", builtin)
	}
	got := FrameHosts([]string{"z.example", "calendly.com", "a.example", "z.example", "*.b.example"})
	if diff := cmp.Diff("*.b.example a.example z.example", strings.Join(slices.DeleteFunc(got, func(h string) bool { return slices.Contains(builtin, h) }), " ")); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
