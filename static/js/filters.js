// Filters beside a list: a ticked box counts at once, and focus and place survive the new page.
// On a narrow screen they stay folded, so that results come first, unless one of them has something
// to say; elsewhere style opens them.

const KEPT = "ticked-filter";

// Back shows the page with its controls as they were left; the address says how they should be.
addEventListener("pageshow", ({ persisted }) => {
  const isBack = persisted || performance.getEntriesByType("navigation")[0]?.type === "back_forward";
  if (!isBack) return;
  for (const form of document.querySelectorAll("form[data-auto-submit], form:has([data-submit])")) form.reset();
});

const asked = (form) => new URLSearchParams([...new FormData(form)].filter(([, value]) => value)).toString();

for (const form of document.querySelectorAll("form[data-auto-submit]")) {
  const shown = asked(form);
  form.addEventListener("submit", (event) => {
    if (asked(form) === shown) event.preventDefault(); // another entry in the history, and nothing new
  });
  for (const hint of form.querySelectorAll("[data-with-script]")) hint.hidden = false;
  form.addEventListener("change", ({ target }) => {
    if (target.type !== "checkbox") return;
    const place = { path: location.pathname, name: target.name, value: target.value, scroll: scrollY };
    sessionStorage.setItem(KEPT, JSON.stringify(place));
    form.requestSubmit();
  });
}

const narrow = matchMedia("(max-width: 55.99rem)");
const ticked = JSON.parse(sessionStorage.getItem(KEPT) ?? "null");
sessionStorage.removeItem(KEPT);
const isBack = ticked?.path === location.pathname;

for (const filters of document.querySelectorAll("details[data-filters]")) {
  const fold = () => (filters.open = !narrow.matches || filters.querySelector(".error") !== null);
  narrow.addEventListener("change", fold);
  if (isBack) filters.open = true;
  else fold();
}
if (isBack) {
  const box = [...document.querySelectorAll("form[data-auto-submit] input[type=checkbox]")].find(
    (each) => each.name === ticked.name && each.value === ticked.value,
  );
  const facet = box?.closest("details");
  if (facet) facet.open = true;
  box?.focus({ preventScroll: true });
  scrollTo({ top: ticked.scroll, behavior: "instant" });
}
