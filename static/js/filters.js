// Filters next to a list: a checkbox applies at once. On a narrow screen they are closed, so that
// results come first, unless one has an error; on wide screens CSS opens them.

// Back restores the controls as they were; the URL says how they should be.
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
    // The search box is outside the list and may contain unsubmitted text: this list belongs to the
    // URL.
    const fields = new FormData(form);
    if (fields.has("q")) fields.set("q", new URLSearchParams(location.search).get("q") ?? "");
    const shown = asked(fields);
    form.addEventListener("submit", (event) => {
      if (asked(new FormData(form)) !== shown) return;
      event.preventDefault(); // would add a history entry without a change
      event.stopImmediatePropagation();
    }, { capture: true });
    form.addEventListener("change", ({ target }) => {
      if (target.type === "checkbox") form.requestSubmit();
      // A date applies when its field loses the focus; a click on a link must reach the link first.
      else if (target.closest(".dates")) setTimeout(() => form.isConnected && form.requestSubmit(), 300);
    });
  }
  root.querySelectorAll("details[data-filters]").forEach(fold);
}
