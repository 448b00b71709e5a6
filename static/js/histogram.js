// Drag over the years to select a range; a click on one year is a plain link. By keyboard, and on
// other devices, the two date fields do the same. Each chart is one tab stop, and arrow keys move
// between its marks.

export function enhanceHistograms(root) {
  root.querySelectorAll("svg[role=group]").forEach(makeOneStop);
  root.querySelectorAll("svg.histogram").forEach(enhanceHistogram);
}

function makeOneStop(chart) {
  const marks = [...chart.querySelectorAll("a")];
  const steps = { ArrowLeft: -1, ArrowUp: -1, ArrowRight: 1, ArrowDown: 1, Home: -Infinity, End: Infinity };
  const stopAt = (stop) => marks.forEach((mark) => mark.setAttribute("tabindex", mark === stop ? 0 : -1));
  stopAt(marks.find((mark) => mark.matches(".selected")) ?? marks.at(-1));
  chart.addEventListener("focusin", ({ target }) => stopAt(target.closest("a")));
  chart.addEventListener("keydown", (event) => {
    const step = event.altKey || event.ctrlKey || event.metaKey ? undefined : steps[event.key];
    if (step === undefined) return;
    event.preventDefault();
    const place = marks.indexOf(event.target.closest("a")) + step;
    marks.at(Math.min(Math.max(place, 0), marks.length - 1)).focus();
  });
}

// Replaces the list in place if the page can do that; otherwise loads a page.
function go(address) {
  const list = document.getElementById("list");
  if (!list || !window.htmx) return location.assign(address);
  htmx.ajax("GET", address, { source: list, target: "#list", select: "#list", swap: "outerHTML show:none", push: "true" });
}

function enhanceHistogram(chart) {
  const bars = [...chart.querySelectorAll("a[data-value]")];
  const leftOf = (bar) => bar.querySelector("path").getBoundingClientRect().left;
  const barAt = (x) => bars.findLast((bar) => leftOf(bar) <= x) ?? bars[0];

  chart.addEventListener("dragstart", (event) => event.preventDefault()); // of the links
  chart.addEventListener("click", (event) => {
    const link = event.target.closest("a[data-value]");
    const isPlain = !(event.ctrlKey || event.metaKey || event.shiftKey || event.altKey);
    if (!link || !isPlain || event.defaultPrevented || !document.getElementById("list")) return;
    event.preventDefault();
    go(link.getAttribute("href"));
  });
  chart.addEventListener("pointerdown", (event) => {
    if (event.button !== 0 || bars.length < 2) return;
    const first = barAt(event.clientX);
    let last = first;
    const drag = new AbortController();
    const { signal } = drag;
    const span = () => [bars.indexOf(first), bars.indexOf(last)].sort((a, b) => a - b);
    const show = () => {
      const [from, to] = span();
      const isOn = !signal.aborted && first !== last;
      bars.forEach((bar, place) => bar.classList.toggle("in-span", isOn && place >= from && place <= to));
    };
    const end = () => {
      drag.abort();
      show();
    };
    addEventListener("pointermove", ({ clientX }) => {
      last = barAt(clientX);
      show();
    }, { signal });
    addEventListener("pointercancel", end, { signal });
    addEventListener("keydown", ({ key }) => key === "Escape" && end(), { signal });
    addEventListener("pointerup", () => {
      end();
      if (first === last) return;
      const [from, to] = span();
      const query = new URLSearchParams(location.search);
      for (const name of ["year", "page", "date_after", "date_before"]) query.delete(name);
      query.set("date_after", `${bars[from].dataset.value.padStart(4, "0")}-01-01`);
      query.set("date_before", `${bars[to].dataset.value.padStart(4, "0")}-12-31`);
      addEventListener("click", (click) => click.preventDefault(), { capture: true, once: true });
      go(`${location.pathname}?${query}`);
    }, { signal });
  });
}
