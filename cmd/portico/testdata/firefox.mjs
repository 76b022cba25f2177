// Opens a packed deal in Firefox with a code, and gives what its page says then,
// whether it has its styles, and what the console said.
export default async function (browser, url, code) {
  const complaints = [];
  const page = await browser.newPage();
  page.on("console", (m) => { if (m.type() === "error" || m.type() === "warn") complaints.push(m.text()); });
  page.on("pageerror", (e) => complaints.push(e.message));
  await page.goto(url, { waitUntil: "load" });
  await page.waitForSelector("#key");
  await page.type("#key", code);
  await page.click('[type="submit"]');
  await page.waitForFunction('!document.querySelector("body.gate")', { timeout: 20000 });
  const text = await page.evaluate("document.body.innerText");
  const styled = await page.evaluate("document.adoptedStyleSheets.length > 1");
  return [text, String(styled), ...complaints];
}
