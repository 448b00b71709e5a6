// Filters beside a list: a ticked box counts at once, and focus and place survive the new page.
// On a narrow screen they stay folded, so that results come first, unless one of them has something
// to say; elsewhere style opens them.

const KEPT = "ticked-filter";

for (const form of document.querySelectorAll("form[data-auto-submit]")) {
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
