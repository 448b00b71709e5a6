// Progressive enhancement only: every page works without this file.
import { attachSuggestions } from "./suggest.js";
import "./copy.js";
import "./downloads.js";
import "./filters.js";
import "./histogram.js";
import "./pack.js";
import "./tabs.js";

for (const place of document.querySelectorAll("[data-suggest]")) attachSuggestions(place);

for (const select of document.querySelectorAll("[data-submit]")) {
  select.addEventListener("change", () => select.form.requestSubmit());
}
// Empty fields make long addresses that look alike; leave them out.
for (const form of document.querySelectorAll("form:not([method])")) {
  form.addEventListener("formdata", (event) => {
    for (const [name, value] of [...event.formData]) if (value === "") event.formData.delete(name);
  });
}
