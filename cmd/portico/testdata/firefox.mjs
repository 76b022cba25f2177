// Opens a packed deal in Firefox with a code and prints, as JSON, what its page
// says then and what the console said: node firefox.mjs MODULES FIREFOX URL CODE.
import { createRequire } from "node:module";

const [modules, executablePath, url, code] = process.argv.slice(2);
const puppeteer = createRequire(modules + "/")("puppeteer-core");
const browser = await puppeteer.launch({ browser: "firefox", executablePath, headless: true });
const complaints = [];
let text = "";
let styled = false;
try {
  const page = await browser.newPage();
  page.on("console", (m) => { if (m.type() === "error" || m.type() === "warn") complaints.push(m.text()); });
  page.on("pageerror", (e) => complaints.push(e.message));
  await page.goto(url, { waitUntil: "load" });
  await page.waitForSelector("#key");
  await page.type("#key", code);
  await page.click('[type="submit"]');
  await page.waitForFunction('!document.querySelector("body.gate")', { timeout: 20000 });
  text = await page.evaluate("document.body.innerText");
  styled = await page.evaluate("document.adoptedStyleSheets.length > 1");
} finally {
  await browser.close();
}
console.log(JSON.stringify({ text, styled, complaints }));
