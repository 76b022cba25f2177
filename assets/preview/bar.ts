import { facts, make } from "./host";
import { change, onChange, settings, type Settings } from "./settings";

/** A choice of a few, as radio buttons side by side. */
function choice<K extends keyof Settings>(name: K, title: string, options: [Settings[K], string][]): HTMLElement {
  const group = make("fieldset", {}, make("legend", {}, title));
  for (const [value, text] of options) {
    const input = make("input", { type: "radio", name, value, checked: settings()[name] === value });
    input.addEventListener("change", () => change({ [name]: value }));
    group.append(make("label", {}, input, make("span", {}, text)));
  }
  return group;
}

/** Goes to this page in another view. */
function visit(view: { day?: string; locale?: string }): void {
  const { day, locale } = { day: facts["day"] ?? "", locale: facts["locale"] ?? "", ...view };
  const name = [day, locale].filter(Boolean).join(",");
  const page = location.pathname.slice((facts["root"] ?? "/").length);
  location.assign((name ? `/_portico/view/${name}/` : "/") + page + location.hash);
}

function languages(): HTMLElement {
  const names = new Intl.DisplayNames("en", { type: "language" });
  const select = make("select", {}, make("option", { value: "" }, "The deal’s own"));
  for (const tag of (facts["locales"] ?? "").split(" ")) select.append(make("option", { value: tag }, names.of(tag) ?? tag));
  select.value = facts["locale"] ?? "";
  select.addEventListener("change", () => visit({ locale: select.value }));
  return make("label", {}, make("span", {}, "Language"), select);
}

function day(): HTMLElement {
  const input = make("input", { type: "date", value: facts["day"] ?? "", min: "2000-01-01", max: "2199-12-31" });
  // A year is typed digit by digit.
  input.addEventListener("change", () => {
    if (input.validity.valid) visit({ day: input.value });
  });
  const label = make("label", {}, make("span", {}, "As of"), input);
  if (!input.value) return label;
  const reset = make("button", { type: "button", title: "As of the last change" }, "×");
  reset.setAttribute("aria-label", "As of the last change");
  reset.addEventListener("click", () => visit({ day: "" }));
  return make("span", { className: "group" }, label, reset);
}

/** Shows the page in a frame as narrow as a phone or as wide as paper, so that
 * its own media queries answer. */
function stage(at: HTMLElement): void {
  let frame: HTMLIFrameElement | undefined;
  onChange(({ size }) => {
    if (size === "full") {
      if (!frame) return;
      // On where the reader went within the frame.
      const address = frame.contentWindow?.location.href ?? location.href;
      if (address === location.href) location.reload();
      else location.replace(address);
      return;
    }
    if (!frame) {
      frame = make("iframe", { src: location.href });
      at.before(make("div", { className: "stage" }, frame));
      const outside = (at.getRootNode() as ShadowRoot).host;
      for (const e of document.body.children) if (e !== outside && e instanceof HTMLElement) e.inert = true;
      document.documentElement.style.overflow = "hidden";
    }
    frame.className = size;
    frame.title = size === "phone" ? "The page on a phone" : "The page on paper";
  });
}

/** Puts the bar below the page. What it returns says how things stand. */
export function bar(at: HTMLElement): (connected: boolean, wrong?: number) => void {
  const state = make("span", { className: "state" }, "Connecting");
  const aside = make("aside", {},
    make("a", { href: facts["root"] ?? "/" }, "All deals"),
    choice("size", "Size", [["full", "Screen"], ["phone", "Phone"], ["paper", "Paper"]]),
    choice("scheme", "Colours", [["", "Auto"], ["light", "Light"], ["dark", "Dark"]]),
    languages(), day(), state);
  aside.setAttribute("aria-label", "Preview");
  state.setAttribute("role", "status");
  at.append(aside);
  stage(at);
  let errors = 0;
  return (connected, wrong = errors) => {
    errors = wrong;
    state.textContent = !connected ? "Reconnecting" : errors === 0 ? "Live" : errors === 1 ? "1 error" : `${errors} errors`;
    state.dataset["is"] = !connected ? "away" : errors === 0 ? "live" : "wrong";
  };
}
