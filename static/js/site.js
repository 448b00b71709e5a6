// Progressive enhancement only: every page works without this file.
import { attachSuggestions } from "./suggest.js";
import "./copy.js";
import "./tabs.js";
import { enhanceDownloads } from "./downloads.js";
import { enhanceFilters } from "./filters.js";
import { enhanceHistograms } from "./histogram.js";
import { enhancePackButtons } from "./pack.js";

// Called for the page, and again for the part of it that a filter or another page of results brought.
export function enhance(root) {
  for (const place of root.querySelectorAll("[data-suggest]")) attachSuggestions(place);
  for (const select of root.querySelectorAll("[data-submit]")) {
    select.addEventListener("change", () => select.form.requestSubmit());
  }
  // Empty fields make long addresses that look alike; leave them out.
  for (const form of root.querySelectorAll("form:not([method])")) {
    form.addEventListener("formdata", (event) => {
      for (const [name, value] of [...event.formData]) if (value === "") event.formData.delete(name);
    });
  }
  // Style hides them already, but in browsers that do not tell it of scripts.
  for (const button of root.querySelectorAll("[data-without-script]")) button.hidden = true;
  enhanceDownloads(root);
  enhanceFilters(root);
  enhanceHistograms(root);
  enhancePackButtons(root);
}

// Where there is room, style shows what the menu holds; in a browser that cannot, the menu is open.
const menu = document.querySelector(".site-nav details");
if (menu && !CSS.supports("selector(details::details-content)")) {
  const wide = matchMedia("(min-width: 62rem)");
  const unfold = () => { menu.open = wide.matches; };
  wide.addEventListener("change", unfold);
  unfold();
}

enhance(document);
if (document.getElementById("list")) import("./live_list.js").then(({ follow }) => follow(enhance));
