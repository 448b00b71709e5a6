// Says the day that the calendar wrote back in words ("Friday, 15 November 2019"). What is typed in
// another form is said back by the server, which alone reads it.
const words = new Intl.DateTimeFormat("en-GB", {
  weekday: "long", day: "numeric", month: "long", year: "numeric", timeZone: "UTC",
});

function inWords(text) {
  const day = /^\d{4}-\d{2}-\d{2}$/.test(text) ? new Date(`${text}T00:00:00Z`) : null;
  // A day that does not exist is moved to the next month by some browsers, and invalid in others.
  if (!day || Number.isNaN(day.valueOf()) || day.toISOString().slice(0, 10) !== text) return "";
  const part = Object.fromEntries(words.formatToParts(day).map(({ type, value }) => [type, value]));
  return `${part.weekday}, ${part.day} ${part.month} ${part.year}`;
}

function tell({ target, type }) {
  if (!target.matches?.("input[data-day]")) return;
  const output = document.querySelector(`output[for="${CSS.escape(target.id)}"]`);
  const said = inWords(target.value.trim());
  // Coming to a field changes nothing that the server said; the calendar comes to it to write.
  if (output && (said || type !== "focusin")) output.value = said;
}

for (const type of ["input", "change", "focusin"]) document.addEventListener(type, tell);
