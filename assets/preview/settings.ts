/** How a page is looked at, until the tab is closed. */
export interface Settings {
  size: "full" | "phone" | "paper";
  scheme: "" | "light" | "dark";
}

const key = "portico preview";

export function settings(): Settings {
  const preset: Settings = { size: "full", scheme: "" };
  try {
    return { ...preset, ...JSON.parse(sessionStorage.getItem(key) ?? "{}") as Partial<Settings> };
  } catch {
    return preset; // nothing that this script wrote
  }
}

const listeners: ((now: Settings) => void)[] = [];

export function change(some: Partial<Settings>): void {
  const now = { ...settings(), ...some };
  sessionStorage.setItem(key, JSON.stringify(now));
  for (const told of listeners) told(now);
}

/** Calls f now, and when a setting changes, here or in the page around. */
export function onChange(f: (now: Settings) => void): void {
  listeners.push(f);
  addEventListener("storage", (event) => {
    if (event.key === key) f(settings());
  });
  f(settings());
}
