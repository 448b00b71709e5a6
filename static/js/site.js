// Progressive enhancement only: every page works without this file.
import { attachSuggestions } from "./suggest.js";
import "./copy.js";
import "./tabs.js";
import { enhanceDownloads } from "./downloads.js";
import { enhanceFilters } from "./filters.js";
import { enhanceHistograms } from "./histogram.js";
import { enhancePackLinks } from "./pack.js";

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
  for (const hint of root.querySelectorAll("[data-with-script]")) hint.hidden = false;
  for (const button of root.querySelectorAll("[data-without-script]")) button.hidden = true;
  enhanceDownloads(root);
  enhanceFilters(root);
  enhanceHistograms(root);
  enhancePackLinks(root);
}

enhance(document);
if (document.getElementById("list")) import("./live_list.js").then(({ follow }) => follow(enhance));
