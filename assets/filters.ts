/** Milestones of one person, and all unfolded or folded at once. */
export function filters(): void {
  const plan = document.getElementById("plan");
  if (!plan) return;
  const none = plan.querySelector<HTMLElement>(".none");
  const empty = (): void => {
    if (!none) return;
    none.hidden = [...plan.querySelectorAll<HTMLElement>(".milestone")].some((e) => getComputedStyle(e).display !== "none");
  };
  const who = plan.querySelector<HTMLSelectElement>('[data-do="who"]');
  const filter = (event?: Event): void => {
    const id = who?.value ?? "";
    for (const e of plan.querySelectorAll<HTMLElement>(".milestone")) {
      e.hidden = id !== "" && !(e.dataset["who"] ?? "").split(" ").includes(id);
    }
    for (const stage of plan.querySelectorAll<HTMLElement>(".stage")) {
      const any = stage.querySelector(".milestone:not([hidden])") !== null;
      stage.hidden = !any;
      if (any && id && event && stage instanceof HTMLDetailsElement) stage.open = true;
    }
    empty();
  };
  who?.addEventListener("change", filter);
  for (const side of plan.querySelectorAll('[name="side"]')) side.addEventListener("change", empty);
  filter(); // a browser brings back what was chosen before the page was loaded again

  const button = plan.querySelector<HTMLElement>('[data-do="unfold"]');
  if (!button) return;
  const words = [button.textContent ?? "", button.dataset["fold"] ?? ""];
  button.addEventListener("click", () => {
    const on = button.getAttribute("aria-pressed") !== "true";
    for (const e of plan.querySelectorAll("details")) {
      e.open = on || (e.matches(".stage") && e.dataset["state"] !== "done");
    }
    button.setAttribute("aria-pressed", String(on));
    button.textContent = words[on ? 1 : 0] ?? "";
  });
}
