// Opens pages in Firefox, unfolds them and gives what does not fit at some widths,
// what is cut off there, and what the console says. unfold and cut are
// expressions for the page, the second one a list.
export default async function (browser, widths, unfold, cut, ...urls) {
  const found = [];
  const page = await browser.newPage();
  page.on("console", (m) => { if (m.type() === "error" || m.type() === "warn") found.push(`${page.url()}: ${m.text()}`); });
  page.on("pageerror", (e) => found.push(`${page.url()}: ${e.message}`));
  for (const url of urls) {
    await page.goto(url, { waitUntil: "load" });
    await page.evaluate(unfold);
    for (const width of widths.split(",").map(Number)) {
      await page.setViewport({ width, height: 900 });
      const wide = await page.evaluate("document.documentElement.scrollWidth");
      if (wide > width) found.push(`${url} is ${wide} pixels wide in a window of ${width}`);
      for (const what of await page.evaluate(cut)) found.push(`${url} cuts off ${what} in a window of ${width}`);
    }
  }
  return found;
}
