// Holds requests, as JSON on the standard input, against filter lists, and prints
// which of them are blocked: node lists.mjs MODULES LIST….
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

const [modules, ...lists] = process.argv.slice(2);
const { FiltersEngine, Request } = createRequire(modules + "/")("@ghostery/adblocker");
const engine = FiltersEngine.parse(lists.map((file) => readFileSync(file, "utf8")).join("\n"), { loadCosmeticFilters: false });
const blocked = [];
JSON.parse(readFileSync(0, "utf8")).forEach(({ URL, Source, Type }, Index) => {
  const { match, filter } = engine.match(Request.fromRawDetails({ url: URL, sourceUrl: Source, type: Type }));
  if (match) blocked.push({ URL, Index, Filter: String(filter) });
});
console.log(JSON.stringify(blocked));
