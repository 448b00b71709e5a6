// Warns of similar names while a name is typed. Without JavaScript, the form warns when it is
// saved.
const PAUSE = 400; // milliseconds without a key press before the request

for (const place of document.querySelectorAll("[data-alike]")) {
  const names = place.dataset.alikeFields.split(",");
  const inputs = names.map((name) => document.getElementById(`id_${name}`)).filter(Boolean);
  let timer;
  let asked = 0;

  const ask = async () => {
    const query = new URLSearchParams(inputs.map((input) => [input.name, input.value]));
    if (place.dataset.alikeBesides) query.set("besides", place.dataset.alikeBesides);
    if ("alikePopup" in place.dataset) query.set("_popup", "1");
    const turn = ++asked;
    const answer = await fetch(`${place.dataset.alike}?${query}`, { credentials: "same-origin" });
    if (!answer.ok || turn !== asked) return; // a response to an earlier input
    place.innerHTML = await answer.text(); // markup from the server, which has escaped it
  };
  for (const input of inputs) {
    for (const kind of ["input", "change"]) {
      input.addEventListener(kind, () => {
        clearTimeout(timer);
        timer = setTimeout(() => ask().catch(() => {}), PAUSE);
      });
    }
  }
}
