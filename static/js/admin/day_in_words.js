// Repeats a date chosen in the calendar in words ("Friday, 15 November 2019"). A date typed in
// another form is repeated by the server, which alone can parse it.
const words = new Intl.DateTimeFormat("en-GB", {
  weekday: "long", day: "numeric", month: "long", year: "numeric", timeZone: "UTC",
});

function inWords(text) {
  const day = /^\d{4}-\d{2}-\d{2}$/.test(text) ? new Date(`${text}T00:00:00Z`) : null;
  // Some browsers move a date that does not exist into the next month; in others it is invalid.
  if (!day || Number.isNaN(day.valueOf()) || day.toISOString().slice(0, 10) !== text) return "";
  const part = Object.fromEntries(words.formatToParts(day).map(({ type, value }) => [type, value]));
  return `${part.weekday}, ${part.day} ${part.month} ${part.year}`;
}

function tell({ target, type }) {
  if (!target.matches?.("input[data-day]")) return;
  const output = document.querySelector(`output[for="${CSS.escape(target.id)}"]`);
  const said = inWords(target.value.trim());
  // Focusing a field does not change the server's message; the calendar focuses it before writing.
  if (output && (said || type !== "focusin")) output.value = said;
}

for (const type of ["input", "change", "focusin"]) document.addEventListener(type, tell);
