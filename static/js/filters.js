// Filters beside a list: a ticked box counts at once. On a narrow screen they stay folded, so that
// results come first, unless one of them has something to say; elsewhere style opens them.

// Back shows the page with its controls as they were left; the address says how they should be.
addEventListener("pageshow", ({ persisted }) => {
  const isBack = persisted || performance.getEntriesByType("navigation")[0]?.type === "back_forward";
  if (!isBack) return;
  for (const form of document.querySelectorAll("form[data-auto-submit], form:has([data-submit])")) form.reset();
});

const asked = (fields) => new URLSearchParams([...fields].filter(([, value]) => value)).toString();
const narrow = matchMedia("(max-width: 55.99rem)");
const fold = (filters) => (filters.open = !narrow.matches || filters.querySelector(".error") !== null);

narrow.addEventListener("change", () => document.querySelectorAll("details[data-filters]").forEach(fold));

export function enhanceFilters(root) {
  for (const form of root.querySelectorAll("form[data-auto-submit]")) {
    // The box of words lies outside the list and may hold what is being typed: its list is the address's.
    const fields = new FormData(form);
    if (fields.has("q")) fields.set("q", new URLSearchParams(location.search).get("q") ?? "");
    const shown = asked(fields);
    form.addEventListener("submit", (event) => {
      if (asked(new FormData(form)) !== shown) return;
      event.preventDefault(); // another entry in the history, and nothing new
      event.stopImmediatePropagation();
    }, { capture: true });
    form.addEventListener("change", ({ target }) => {
      if (target.type === "checkbox") form.requestSubmit();
      // A date counts when its field is left; a click that left it is to reach its link first.
      else if (target.closest(".dates")) setTimeout(() => form.isConnected && form.requestSubmit(), 300);
    });
  }
  root.querySelectorAll("details[data-filters]").forEach(fold);
}
