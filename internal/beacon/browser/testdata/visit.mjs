// Opens a deal in Firefox by a link, reads, unfolds, looks at a document and a
// film, locks it, and gives what was not as it should be.
export default async function (browser, url) {
  const found = [];
  const pause = (ms) => new Promise((done) => { setTimeout(done, ms); });
  const page = await browser.newPage();
  page.on("console", (m) => { if (m.type() === "error") found.push(`${page.url()}: ${m.text()}`); });
  page.on("pageerror", (e) => found.push(`${page.url()}: ${e.message}`));
  const until = (expression) => page.waitForFunction(expression, { timeout: 30_000 });
  const click = async (selector) => {
    await page.evaluate((s) => document.querySelector(s).scrollIntoView({ block: "center" }), selector);
    await page.click(selector);
  };
  await page.goto(url, { waitUntil: "load" });
  await until('document.querySelector("[type=submit]")?.checkVisibility()');
  await page.click("[type=submit]");
  await until('document.querySelector("body.deal #plan") && getComputedStyle(document.documentElement).visibility === "visible"');
  await until('document.querySelector("[data-do=receipts]").checked');
  await pause(2000);
  await click("#m-trial summary");
  await pause(1500);
  await click("#m-trial summary");
  await click("#c-sketch .about a[data-view]");
  await until('document.querySelector("dialog[open] img")');
  await pause(1500);
  await page.click(".viewer button");
  await page.evaluate('globalThis.film = document.querySelector("#c-tour video"), film.muted = true, film.scrollIntoView({ block: "center" }), film.play().catch(() => 0), 1');
  await until("film.duration > 1 && film.currentTime > .5");
  await page.evaluate("film.pause()");
  await click('.tabs [data-do="lock"]');
  await until('document.querySelector("body.gate")');
  return found;
}
