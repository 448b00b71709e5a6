// Translated texts for scripts, by their English text: `<script data-words>`, absent on English
// pages.
const parts = [...document.querySelectorAll("script[data-words]")].map((part) => JSON.parse(part.textContent));
const words = Object.assign({}, ...parts);
const plural = new Intl.PluralRules(document.documentElement.lang || "en");

export const worded = (text, values = {}) =>
  (words[text] ?? text).replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);

// Singular or plural, by the rules of the language.
export const counted = (one, several, number) =>
  worded(plural.select(number) === "one" ? one : several, { number });
