package seal

import (
	"bytes"
	"fmt"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"portico/internal/browser"
)

// Attacks on a sample: what a host can do to files and header.
func testBrowserRefuses(t *testing.T, b *browser.Browser) {
	n := newNorthwind()
	deal := n.host(t)
	later := newNorthwind()
	later.access.Generation = 2
	old := newNorthwind()
	old.contents.Items[0].Content = section([]byte("<h1>Before</h1>"))
	o, err := Unlock(deal, n.code("priya", 1))
	if err != nil {
		t.Fatal(err)
	}
	oldHost := old.host(t)
	part := folder + n.deal(t).secrets.audienceKey(n.deal(t).epoch, []string{"priya"}).name()
	if bytes.Equal(oldHost[part].Data, deal[part].Data) {
		t.Fatal("the part is as before")
	}
	p := pageWith(t, b, map[string]fstest.MapFS{"deal": deal, "later": later.host(t), "old": oldHost})
	browser.Await[bool](p, fmt.Sprintf(`(async () => {
		globalThis.code = %q;
		globalThis.h = await header("deal");
		globalThis.files = await held("deal", %s);
		globalThis.attempt = (get, head = h) => outcome(async () => { const o = await portico.unlock(head, get, code); await Promise.all(o.entries.map(e => portico.read(o.did, e, get))); });
		globalThis.expect = async (failed, what, want, get, head) => { const got = await attempt(get, head); if (got !== want) failed.push(what + ": " + got); };
		return true;
	})()`, n.code("priya", 1), quoted(t, o.Names())))
	var failed []string
	for _, name := range o.Names() {
		if name != lockPage {
			failed = append(failed, browser.Await[[]string](p, fmt.Sprintf(attackFile, name))...)
		}
	}
	failed = append(failed, browser.Await[[]string](p, fmt.Sprintf(attackDeal, part))...)
	for _, f := range failed {
		t.Error(f)
	}
}

// attackFile alters, cuts, replaces and removes a file.
const attackFile = `(async () => {
	const name = %q, good = files.get(name), failed = [];
	for (let k = 0; k < 12; k++) {
		const bad = good.slice(), at = k < 4 ? [0, 24, 56, good.length - 1][k] : Math.floor(good.length * k / 12);
		bad[at] ^= 1 << k %% 8;
		await expect(failed, "byte " + at + " of " + name, "damaged", altered(files, name, bad));
	}
	for (const bad of [good.subarray(0, -1), good.subarray(0, 72), good.subarray(0, 0), new Uint8Array([...good, 0]), new Uint8Array(good.length)]) {
		await expect(failed, "length of " + name, "damaged", altered(files, name, bad));
	}
	const without = new Map(files);
	without.delete(name);
	await expect(failed, "without " + name, "missing", serve(without));
	const other = [...files.keys()].find(n => n !== name && n !== "index.html");
	await expect(failed, other + " in the place of " + name, "damaged", altered(files, name, files.get(other)));
	return failed;
})()`

// attackDeal pairs what belongs to different states, and tries wrong ways in.
const attackDeal = `(async () => {
	const part = %q, failed = [];
	await expect(failed, "as it is", "fine", serve(files));
	await expect(failed, "an old part", "damaged", altered(files, part, (await held("old", [part])).get(part)));
	await expect(failed, "another epoch's header", "missing", serve(files), await header("later"));
	for (const typed of ["", "-", "showcase shy drowsily", code.slice(1), code + "0"]) {
		const got = await outcome(() => portico.unlock(h, serve(files), typed));
		if (got !== "wrong") failed.push(JSON.stringify(typed) + ": " + got);
	}
	return failed;
})()`

func testBrowserRefusesHeaders(t *testing.T, b *browser.Browser) {
	n := newNorthwind()
	h := n.deal(t).Header()
	p := pageWith(t, b, nil)
	parse := func(what, text, want string) {
		t.Helper()
		if got := browser.Await[string](p, fmt.Sprintf(`outcome(() => { portico.parseHeader(%s) })`, text)); got != want {
			t.Errorf("%s: %s, want %s", what, got, want)
		}
	}
	good := h.marshal()
	parse("as it is", quoted(t, base64Text(good)), "fine")
	parse("none", "undefined", "version")
	parse("empty", `""`, "version")
	parse("not base64", `"!"`, "damaged")
	change := func(at int, to ...byte) string {
		bad := bytes.Clone(good)
		copy(bad[at:], to)
		return quoted(t, base64Text(bad))
	}
	parse("newer", change(7, '2'), "version")
	parse("flags", change(54, 2), "damaged")
	parse("few iterations", change(55, 0, 0, 0x27, 0x0f), "damaged")
	parse("many iterations", change(55, 0, 0x4c, 0x4b, 0x41), "damaged")
	parse("box", change(59, 0x02, 0x47), "damaged")
	parse("slots", change(61, 0, 7), "damaged")
	parse("many slots", change(61, 0x20, 0), "damaged")
	parse("out of order", change(63, bytes.Repeat([]byte{255}, 16)...), "damaged")
	parse("twice", change(63+16+len(h.Slots[0].Box), h.Slots[0].Locator[:]...), "damaged")
	parse("cut", quoted(t, base64Text(good[:len(good)-1])), "damaged")
	parse("longer", quoted(t, base64Text(append(bytes.Clone(good), 0))), "damaged")
}

// A deal remembered: its key cannot be read, and opens it again, until its
// viewer is removed.
func testBrowserRemembers(t *testing.T, b *browser.Browser) {
	n := newNorthwind()
	after := newNorthwind()
	after.access.Ways = without(after.access.Ways, "lena")
	p := pageWith(t, b, map[string]fstest.MapFS{"deal": n.host(t), "after": after.host(t)})
	got := browser.Await[[]string](p, fmt.Sprintf(`(async () => {
		const o = await portico.unlock(await header("deal"), host("deal"), %q), root = structuredClone(o.root);
		const again = await portico.resume(await header("deal"), host("deal"), root);
		return [String(root.extractable), await outcome(() => crypto.subtle.exportKey("raw", root)).then(r => String(r).includes("InvalidAccess") ? "kept" : r),
			String(again.entries.length === o.entries.length), await outcome(async () => portico.resume(await header("after"), host("after"), root)),
			await outcome(() => portico.check(again, 3999999999)), await outcome(() => portico.check(again, 4000000000)), await outcome(() => portico.check(again, 1, 1001)), String(o.entries.every(e => !e.key.extractable))];
	})()`, n.code("lena", 2)))
	if want := []string{"false", "kept", "true", "wrong", "fine", "expired", "older", "true"}; !cmp.Equal(want, got) {
		t.Error(cmp.Diff(want, got))
	}
}

// A medium of 20 MB is given out chunk by chunk, from any place, and never
// further than to what fails.
func testBrowserStreams(t *testing.T, b *browser.Browser) {
	n := newNorthwind()
	const size = 20_000_000
	n.contents = Contents{Items: []Item{{Path: "a.mp4", Type: "video/mp4", Content: section(text(size))}, {Path: "b.mp3", Type: "audio/mpeg", Content: section(text(50_000))}}}
	deal := n.host(t)
	o, err := Unlock(deal, n.code("priya", 1))
	if err != nil {
		t.Fatal(err)
	}
	p := pageWith(t, b, map[string]fstest.MapFS{"deal": deal})
	got := browser.Await[[]string](p, fmt.Sprintf(`(async () => {
		const asked = [], counted = name => (asked.push(name), host("deal")(name));
		const o = await portico.unlock(await header("deal"), host("deal"), %q), [movie, sound] = ["a.mp4", "b.mp3"].map(p => o.entries.find(e => e.path === p)), failed = [];
		const run = async (e, get, from, to) => {
			let at = from, largest = 0, error = "";
			try {
				for await (const chunk of portico.stream(o.did, e, get, from, to)) {
					largest = Math.max(largest, chunk.length);
					for (const b of chunk) if (b !== at++ %% 251) return "wrong byte at " + (at - 1);
				}
			} catch (e) { error = " " + (e instanceof portico.Failure ? e.code : e); }
			return (at - from) + (largest > 16384 ? " in large pieces" : "") + error;
		};
		const expect = (what, got, want) => { if (got !== want) failed.push(what + ": " + got + ", want " + want); };
		expect("all", await run(movie, counted, 0, movie.size), "%d");
		expect("files", String(asked.length), "10");
		asked.length = 0;
		for (const e of [movie, sound]) for (const [from, to] of [[0, 1], [0, 0], [16383, 16385], [16384, 32768], [e.size - 1, e.size], [e.size, e.size], [Math.floor(e.size / 2), e.size]]) {
			expect(e.path + " " + from + "-" + to, await run(e, counted, from, to), String(to - from));
		}
		expect("across parts", await run(movie, host("deal"), 2097151, 4194305), String(4194305 - 2097151));
		asked.length = 0;
		expect("near the end", await run(movie, counted, 19900000, movie.size), "100000");
		expect("files near the end", asked.map(n => n.slice(-2)).join(), "-0,-9");
		const files = await held("deal", %s), third = [...files.keys()].find(n => n.endsWith("-2"));
		const bad = files.get(third).slice();
		bad[16400 * 3 + 5] ^= 1;
		const chunks = (128 * 2 + 3) * 16384;
		expect("a chunk altered", await run(movie, altered(files, third, bad), 0, movie.size), chunks + " damaged");
		expect("a part cut", await run(movie, altered(files, third, files.get(third).subarray(0, 16400 * 2 + 7)), 0, movie.size), (128 * 2 + 2) * 16384 + " damaged");
		expect("a part longer", await run(movie, altered(files, third, new Uint8Array([...files.get(third), 0])), 0, movie.size), 128 * 3 * 16384 + " damaged");
		expect("parts swapped", await run(movie, altered(files, third, files.get(third.replace(/2$/, "3"))), 0, movie.size), 128 * 2 * 16384 + " damaged");
		const first = third.replace(/2$/, "0"), head = files.get(first).slice();
		head[30] ^= 1;
		expect("the head", await run(movie, altered(files, first, head), 0, movie.size), "0 damaged");
		expect("the head, from the end", await run(movie, altered(files, first, head), 19900000, movie.size), "0 damaged");
		const without = new Map(files);
		without.delete(third);
		expect("a part missing", await run(movie, serve(without), 0, movie.size), 128 * 2 * 16384 + " missing");
		return failed;
	})()`, n.code("priya", 1), size, quoted(t, o.Names())))
	for _, f := range got {
		t.Error(f)
	}
}

// A writer that has the keys and breaks the format is found out.
func testBrowserFindsLies(t *testing.T, b *browser.Browser) {
	p := pageWith(t, b, lies(t))
	for name := range lies(t) {
		got := browser.Await[string](p, fmt.Sprintf(`outcome(async () => {
			const o = await portico.unlock(await header(%[1]q), host(%[1]q), %[2]q);
			await Promise.all(o.entries.map(e => portico.read(o.did, e, host(%[1]q))));
		})`, name, newNorthwind().code("priya", 1)))
		if want := map[bool]string{true: "fine", false: "damaged"}[name == "truth"]; got != want {
			t.Errorf("%s: %s", name, got)
		}
	}
}
