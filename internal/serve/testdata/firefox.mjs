// Opens pages in Firefox at some widths and prints, as JSON, what does not fit
// and what its console says: node firefox.mjs MODULES FIREFOX WIDTHS URL…
import { createRequire } from "node:module";

const [modules, executablePath, widths, ...urls] = process.argv.slice(2);
const puppeteer = createRequire(modules + "/")("puppeteer-core");
const browser = await puppeteer.launch({ browser: "firefox", executablePath, headless: true });
const found = [];
try {
  const page = await browser.newPage();
  page.on("console", (m) => { if (m.type() === "error" || m.type() === "warn") found.push(`${page.url()}: ${m.text()}`); });
  page.on("pageerror", (e) => found.push(`${page.url()}: ${e.message}`));
  for (const width of widths.split(",").map(Number)) {
    await page.setViewport({ width, height: 900 });
    for (const url of urls) {
      await page.goto(url, { waitUntil: "load" });
      const wide = await page.evaluate(() => {
        document.querySelector("[data-do=unfold]")?.click();
        return document.documentElement.scrollWidth;
      });
      if (wide > width) found.push(`${url} is ${wide} pixels wide in a window of ${width}`);
    }
  }
} finally {
  await browser.close();
}
console.log(JSON.stringify(found));
