// The words of scripts in the page's language, by their English: `<script data-words>`, absent in English.
const parts = [...document.querySelectorAll("script[data-words]")].map((part) => JSON.parse(part.textContent));
const words = Object.assign({}, ...parts);
const plural = new Intl.PluralRules(document.documentElement.lang || "en");

export const worded = (text, values = {}) =>
  (words[text] ?? text).replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);

// Of one thing or of several, as the language counts.
export const counted = (one, several, number) =>
  worded(plural.select(number) === "one" ? one : several, { number });
