// Opens a sealed deal in Firefox, shows what it holds, locks it again, and gives
// what was not as it should be. Steps are pairs of a name and an expression that
// has to come true, as JSON.
export default async function (browser, url, phrase, steps) {
  const found = [];
  const until = async (page, name, expression) => {
    for (let tries = 0; tries < 300; tries++) {
      // A page that is being left answers with an error.
      if (await page.evaluate(`Boolean((${expression}))`).catch(() => false)) return;
      await new Promise((done) => setTimeout(done, 100));
    }
    found.push(`${name}: not so: ${expression}: ${await page.evaluate("document.body.innerText.slice(0, 300)")}`);
  };
  const page = await browser.newPage();
  page.on("console", (m) => { if (m.type() === "error") found.push(`${page.url()}: ${m.text()}`); });
  page.on("pageerror", (e) => found.push(`${page.url()}: ${e.message}`));
  // A browser without a window has no fine pointer either.
  await page.evaluateOnNewDocument(`const real = matchMedia; globalThis.matchMedia = (q) => q.includes("pointer") ? { matches: true } : real(q)`);
  await page.goto(url, { waitUntil: "load" });
  await until(page, "the field", `document.querySelector("#key")?.checkVisibility()`);
  await page.type("#key", phrase);
  await page.keyboard.press("Enter");
  for (const [name, expression] of JSON.parse(steps)) await until(page, name, expression);
  return found;
}
