// A Firefox that the scripts of tests share: node firefox.mjs MODULES FIREFOX PREFS.
// Of standard input each line is a question, {"script", "args"}: the script exports
// a function of a part of the browser that keeps what its pages store, and of its
// args, and what it gives is the answer, {"found"}, or {"error"}. The end of the
// questions is the end of the browser.
import { rmSync } from "node:fs";
import { createRequire } from "node:module";
import { createInterface } from "node:readline";
import { pathToFileURL } from "node:url";

const [modules, executablePath, prefs] = process.argv.slice(2);
const puppeteer = createRequire(modules + "/")("puppeteer-core");
const browser = await puppeteer.launch({
  browser: "firefox", executablePath, headless: true,
  // No process for a page that never comes.
  extraPrefsFirefox: { "dom.ipc.processPrelaunch.enabled": false, "browser.newtab.preload": false, ...JSON.parse(prefs) },
});

async function answer({ script, args }) {
  const context = await browser.createBrowserContext();
  try {
    const { default: run } = await import(pathToFileURL(script).href);
    return { found: await run(context, ...args) };
  } catch (why) {
    return { error: String(why?.stack ?? why) };
  } finally {
    await context.close();
  }
}

try {
  for await (const line of createInterface({ input: process.stdin })) console.log(JSON.stringify(await answer(JSON.parse(line))));
} finally {
  await browser.close();
  rmSync(process.env.HOME, { recursive: true, force: true });
}
