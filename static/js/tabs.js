// Turns sections under headings into tabs (WAI-ARIA pattern); without JavaScript they follow each
// other.

for (const group of document.querySelectorAll("[data-tabs]")) {
  const panels = [...group.querySelectorAll("[data-tab]")];
  const list = document.createElement("div");
  list.className = "tabs";
  list.setAttribute("role", "tablist");
  list.setAttribute("aria-label", group.dataset.tabs);
  const tabs = panels.map((panel, place) => {
    const tab = document.createElement("button");
    const id = `${group.id || "tab"}-${place + 1}`;
    Object.assign(tab, { type: "button", className: "tabs__tab", textContent: panel.dataset.tab, id });
    tab.setAttribute("role", "tab");
    panel.id ||= `${id}-panel`;
    tab.setAttribute("aria-controls", panel.id);
    panel.setAttribute("role", "tabpanel");
    panel.setAttribute("aria-labelledby", id);
    panel.querySelector("h3").hidden = true;
    list.append(tab);
    return tab;
  });
  const choose = (place) => {
    tabs.forEach((tab, each) => {
      tab.setAttribute("aria-selected", String(each === place));
      tab.tabIndex = each === place ? 0 : -1;
      panels[each].classList.toggle("is-chosen", each === place);
    });
  };
  list.addEventListener("click", (event) => {
    const place = tabs.indexOf(event.target);
    if (place >= 0) choose(place);
  });
  list.addEventListener("keydown", (event) => {
    const from = tabs.indexOf(event.target);
    const forward = getComputedStyle(list).direction === "rtl" ? "ArrowLeft" : "ArrowRight";
    const to = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    let place = to ? (from + (event.key === forward ? 1 : -1) + tabs.length) % tabs.length : null;
    if (event.key === "Home") place = 0;
    if (event.key === "End") place = tabs.length - 1;
    if (from < 0 || place === null) return;
    event.preventDefault();
    choose(place);
    tabs[place].focus();
  });
  group.prepend(list);
  group.classList.add("is-tabbed");
  choose(0);
}
