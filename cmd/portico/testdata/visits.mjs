// Visits a sealed deal in Firefox by a link. "somebody" looks around and closes the
// tab; "nobody" asks not to be tracked. It gives what was not as it should be, and,
// behind "took ", when what was done began and ended.
export default async function (browser, url, who) {
  const shy = who === "nobody";
  const found = [], moments = {}, shares = {};
  const pause = (ms = 1300) => new Promise((done) => { setTimeout(done, ms); });
  const during = async (name, action) => {
    const from = Date.now();
    await action();
    moments[name] = [from, Date.now()];
  };
  const page = await browser.newPage();
  page.on("console", (m) => { if (m.type() === "error") found.push(`${page.url()}: ${m.text()}`); });
  page.on("pageerror", (e) => found.push(`${page.url()}: ${e.message}`));
  page.on("request", (r) => { if (shy && r.url().includes("/v1/receipts")) found.push("it tells of somebody who does not want it"); });
  await page.evaluateOnNewDocument(() => {
    Object.defineProperty(Navigator.prototype, "webdriver", { get: () => false });
    const real = matchMedia;
    globalThis.matchMedia = (q) => q.includes("pointer") ? { matches: true } : real(q);
    // The link leads nowhere here.
    addEventListener("click", (e) => { if (e.target.closest?.("#c-kanari-story a")) e.preventDefault(); });
  });
  const until = (expression) => page.waitForFunction(expression, { timeout: 30_000 });
  const click = async (selector) => {
    await page.evaluate((s) => document.querySelector(s).scrollIntoView({ block: "center" }), selector);
    await page.click(selector);
  };
  await page.goto(url, { waitUntil: "load" });
  await until('document.querySelector("[type=submit]")?.checkVisibility()');
  await during("opened", async () => {
    await page.click("[type=submit]");
    await until('document.querySelector("body.deal #plan") && getComputedStyle(document.documentElement).visibility === "visible" && document.querySelector("[data-do=receipts]")');
  });
  if (shy) {
    if (!await page.evaluate("navigator.globalPrivacyControl")) found.push("the browser does not ask for it");
    await click("#plan h2");
    await pause(4000);
  } else {
    await until('document.querySelector("[data-do=receipts]").checked');
    await during("unfolded", async () => { await click("#m-kanari-trial summary"); await until('document.querySelector("#m-kanari-trial details").open'); });
    await pause();
    await during("folded", async () => { await click("#m-kanari-trial summary"); await until('!document.querySelector("#m-kanari-trial details").open'); });
    await during("shown", async () => { await click("#c-kanari-sketch .about a[data-view]"); await until('document.querySelector("dialog[open] img")'); });
    await pause();
    await during("closed", async () => { await page.click(".viewer button"); await until('!document.querySelector("dialog[open]")'); });
    await click("#c-kanari-sketch a[download]");
    await click("#c-kanari-story .about a");
    await during("begun", async () => { await click("#c-kanari-why .about a"); await until('document.querySelector("main h1")?.textContent === "Kanari reasons"'); });
    await page.evaluate("scrollBy(0, 900)");
    await pause();
    await page.keyboard.press("a"); // somebody is there
    shares.why = await page.evaluate('(r => (innerHeight - r.top) / r.height)(document.querySelector("main").getBoundingClientRect())');
    await during("left", async () => { await page.evaluate("history.back()"); await until('document.querySelector("#plan")'); });
    await during("started", async () => {
      await page.evaluate('globalThis.film = document.querySelector("#c-kanari-tour video"), film.muted = true, film.scrollIntoView({ block: "center" }), film.play().catch(() => 0), 1');
      await until("film.duration > 1 && film.currentTime > 0");
    });
    await until("film.currentTime > 1.2");
    await during("stopped", async () => { shares.tour = await page.evaluate("film.pause(), film.currentTime / film.duration"); });
    await during("gone", () => page.close());
    await pause(); // what a page says last is under way
  }
  return [...found, "took " + JSON.stringify({ moments, shares })];
}
