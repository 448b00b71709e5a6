// Updates the state of a running import: fetches [data-import-run] again and replaces it.
const SECONDS = 3;

function tend() {
  const shown = document.querySelector("[data-import-run]");
  if (!shown || !("working" in shown.dataset)) return;
  shown.querySelector("[data-without-script]")?.setAttribute("hidden", "");
  setTimeout(() => renew(shown), SECONDS * 1000);
}

async function renew(shown) {
  try {
    const response = await fetch(location.href, { headers: { Accept: "text/html" } });
    const page = new DOMParser().parseFromString(await response.text(), "text/html");
    const fresh = page.querySelector("[data-import-run]");
    if (fresh && !("working" in fresh.dataset)) {
      location.reload(); // its report and actions
      return;
    }
    if (fresh) shown.replaceWith(fresh);
  } catch {
    // The next attempt may succeed.
  }
  tend();
}

tend();
