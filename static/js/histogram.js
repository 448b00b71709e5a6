// Drag over the years to ask for a span of them; a click on one year stays a plain link.
// Elsewhere, and by keyboard, the two date fields do the same.

for (const chart of document.querySelectorAll("svg.histogram")) {
  const bars = [...chart.querySelectorAll("a[data-value]")];
  let first = null;
  let last = null;

  const barAt = (x) => bars.findLast((bar) => bar.getBoundingClientRect().left <= x) ?? bars[0];
  const span = () => [bars.indexOf(first), bars.indexOf(last)].sort((a, b) => a - b);
  const show = () => {
    const [from, to] = span();
    bars.forEach((bar, place) => bar.classList.toggle("in-span", from >= 0 && place >= from && place <= to));
  };
  const end = () => {
    first = last = null;
    show();
  };

  chart.addEventListener("dragstart", (event) => event.preventDefault()); // of the links
  chart.addEventListener("pointerdown", (event) => {
    if (event.button === 0 && bars.length > 1) first = last = barAt(event.clientX);
  });
  addEventListener("pointermove", (event) => {
    if (!first) return;
    last = barAt(event.clientX);
    if (last !== first) show();
  });
  addEventListener("pointercancel", end);
  addEventListener("keydown", (event) => {
    if (event.key === "Escape") end();
  });
  addEventListener("pointerup", () => {
    if (!first || first === last) return end();
    const [from, to] = span();
    const query = new URLSearchParams(location.search);
    for (const name of ["year", "page", "date_after", "date_before"]) query.delete(name);
    query.set("date_after", `${bars[from].dataset.value.padStart(4, "0")}-01-01`);
    query.set("date_before", `${bars[to].dataset.value.padStart(4, "0")}-12-31`);
    addEventListener("click", (event) => event.preventDefault(), { capture: true, once: true });
    location.search = query;
  });
}
