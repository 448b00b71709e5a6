// Progressive enhancement only: every page works without this file.
import { attachSuggestions } from "./suggest.js";
import "./copy.js";
import "./tabs.js";
import { enhanceDownloads } from "./downloads.js";
import { enhanceFilters } from "./filters.js";
import { enhanceHistograms } from "./histogram.js";
import { enhancePackButtons } from "./pack.js";

// Called for the page, and again for each part that a filter or another page of results replaces.
export function enhance(root) {
  for (const place of root.querySelectorAll("[data-suggest]")) attachSuggestions(place);
  for (const select of root.querySelectorAll("[data-submit]")) {
    select.addEventListener("change", () => select.form.requestSubmit());
  }
  // Empty fields would make long, different URLs for the same list, so leave them out.
  for (const form of root.querySelectorAll("form:not([method])")) {
    form.addEventListener("formdata", (event) => {
      for (const [name, value] of [...event.formData]) if (value === "") event.formData.delete(name);
    });
  }
  // CSS hides them already, except in browsers without support for the scripting media feature.
  for (const button of root.querySelectorAll("[data-without-script]")) button.hidden = true;
  enhanceDownloads(root);
  enhanceFilters(root);
  enhanceHistograms(root);
  enhancePackButtons(root);
}

// On wide screens CSS shows the content of the menu; in a browser that cannot, the menu is open.
const menu = document.querySelector(".site-nav details");
if (menu && !CSS.supports("selector(details::details-content)")) {
  const wide = matchMedia("(min-width: 62rem)");
  const unfold = () => { menu.open = wide.matches; };
  wide.addEventListener("change", unfold);
  unfold();
}

enhance(document);
if (document.getElementById("list")) import("./live_list.js").then(({ follow }) => follow(enhance));
