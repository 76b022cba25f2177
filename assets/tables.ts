/** Columns that sort by a click on their heads. */
export function tables(): void {
  const words = new Intl.Collator(document.documentElement.lang, { numeric: true });
  for (const table of document.querySelectorAll<HTMLTableElement>("table[data-sort]")) {
    const body = table.tBodies[0];
    const heads = [...(table.tHead?.rows[0]?.cells ?? [])];
    if (!body || body.rows.length < 2) continue;
    heads.forEach((head, column) => {
      const button = document.createElement("button");
      button.type = "button";
      button.title = table.dataset["sort"] ?? "";
      button.append(...head.childNodes);
      head.append(button);
      button.addEventListener("click", () => {
        const down = head.getAttribute("aria-sort") === "ascending";
        const by = (row: HTMLTableRowElement): HTMLTableCellElement | undefined => row.cells[column];
        const order = (a: HTMLTableRowElement, b: HTMLTableRowElement): number => {
          const x = by(a), y = by(b);
          if (x?.dataset["n"] !== undefined || y?.dataset["n"] !== undefined) {
            // What has no value stands last, whichever way it is sorted.
            const n = x?.dataset["n"] || NaN, m = y?.dataset["n"] || NaN;
            if (Number.isNaN(n) || Number.isNaN(m)) return Number(Number.isNaN(n)) - Number(Number.isNaN(m));
            return (Number(n) - Number(m)) * (down ? -1 : 1);
          }
          return words.compare(x?.textContent ?? "", y?.textContent ?? "") * (down ? -1 : 1);
        };
        body.append(...[...body.rows].sort(order));
        for (const other of heads) other.removeAttribute("aria-sort");
        head.setAttribute("aria-sort", down ? "descending" : "ascending");
      });
    });
  }
}
