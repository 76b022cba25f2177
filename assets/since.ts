/** What a reader has seen of a plan: states, days, notes and documents by the
 * ids of their elements. It stays on the reader's device. */
interface Visit {
  day: string;
  seen: Record<string, string>;
}

const off = "off";

/** Everything on the page that may change, by id. */
function standing(): Record<string, string> {
  const seen: Record<string, string> = {};
  for (const e of document.querySelectorAll<HTMLElement>(".milestone")) {
    const due = e.querySelector(".due time")?.getAttribute("datetime") ?? "";
    const done = e.dataset["state"] === "done" ? "done" : "";
    seen[e.id] = `${due} ${done}`;
  }
  for (const e of document.querySelectorAll<HTMLElement>(".note[id], .documents > [id], .risks > [id]")) seen[e.id] = "";
  return seen;
}

/** One line of the list: a link, and what is new about it. */
function entry(id: string, title: string, what: string): HTMLLIElement {
  const li = document.createElement("li");
  const link = document.createElement("a");
  link.href = "#" + id;
  link.textContent = title;
  const note = document.createElement("span");
  note.textContent = " – " + what;
  li.append(link, note);
  return li;
}

function changes(old: Visit, now: Record<string, string>, words: DOMStringMap): HTMLLIElement[] {
  const list: HTMLLIElement[] = [];
  for (const [id, state] of Object.entries(now)) {
    const e = document.getElementById(id);
    if (!e || old.seen[id] === state) continue;
    const title = e.querySelector(".title, b, h3")?.textContent?.trim() ?? "";
    if (old.seen[id] === undefined) {
      list.push(e.matches(".note") ? entry(id, `${words["note"]} ${title}`, words["new"] ?? "") : entry(id, title, words["new"] ?? ""));
    } else if (state.endsWith("done")) {
      list.push(entry(id, title, e.querySelector(".pill")?.textContent?.trim() ?? ""));
    } else {
      list.push(entry(id, title, `${words["due"]} ${e.querySelector(".due time")?.textContent ?? ""}`));
    }
  }
  return list;
}

/** Tells what changed since the last visit, unless the reader has switched it
 * off. A browser that keeps nothing shows nothing. */
export function since(): void {
  const section = document.querySelector<HTMLDetailsElement>("#since");
  const memory = document.querySelector<HTMLElement>(".memory");
  const box = memory?.querySelector<HTMLInputElement>("input");
  if (!section || !memory || !box) return;
  const key = "portico:" + location.pathname;
  const now = standing();
  const keep = (): void => localStorage.setItem(key, JSON.stringify({ day: new Date().toISOString(), seen: now } satisfies Visit));
  try {
    const kept = localStorage.getItem(key);
    box.checked = kept !== off;
    if (kept && kept !== off) {
      const old = JSON.parse(kept) as Visit;
      const list = changes(old, now, section.dataset);
      if (list.length > 0) {
        section.querySelector(".day")!.textContent = new Date(old.day).toLocaleDateString(document.documentElement.lang, { day: "numeric", month: "long" });
        section.querySelector(".count")!.textContent = String(list.length);
        section.querySelector("ul")!.replaceChildren(...list);
        section.hidden = false;
      }
    }
    section.addEventListener("keydown", (event) => {
      if (event.key !== "Escape" || !section.open) return;
      section.open = false;
      section.querySelector("summary")?.focus();
    });
    if (kept !== off) keep();
    box.addEventListener("change", () => {
      if (box.checked) keep();
      else {
        localStorage.setItem(key, off);
        section.hidden = true;
      }
    });
    memory.hidden = false;
  } catch {
    // nothing can be kept here
  }
}
