/** Files that a browser can show, in a dialog of the page. */
export function viewer(): void {
  const dialog = document.querySelector<HTMLDialogElement>(".viewer");
  const body = dialog?.querySelector(".body");
  const file = dialog?.querySelector<HTMLAnchorElement>(".head a");
  const title = dialog?.querySelector("h2");
  if (!dialog || !body || !file || !title) return;
  for (const link of document.querySelectorAll<HTMLAnchorElement>("a[data-view]")) {
    link.addEventListener("click", (event) => {
      const pdf = link.dataset["view"] === "pdf";
      // A phone's browser opens such a file better by itself.
      const room = matchMedia("(width >= 48rem) and (pointer: fine)").matches;
      if (event.metaKey || event.ctrlKey || event.shiftKey || pdf && !(room && navigator.pdfViewerEnabled)) return;
      event.preventDefault();
      const shown = document.createElement(pdf ? "iframe" : "img");
      const image = link.querySelector("img");
      const own = link.closest("li, figure")?.querySelector("b, figcaption");
      title.textContent = own?.textContent || image?.alt || link.textContent || "";
      if (shown instanceof HTMLIFrameElement) shown.title = title.textContent;
      else shown.alt = image?.alt || title.textContent;
      shown.src = file.href = link.href;
      body.replaceChildren(shown);
      dialog.showModal();
    });
  }
  dialog.querySelector("button")?.addEventListener("click", () => dialog.close());
  dialog.addEventListener("click", (event) => {
    if (event.target === dialog) dialog.close(); // beside it
  });
  dialog.addEventListener("close", () => body.replaceChildren());
}
