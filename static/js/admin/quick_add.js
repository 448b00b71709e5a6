// Offers to add a missing choice to a list. Without JavaScript, the plus next to it does.
const $ = django.jQuery;

function openWindow(link, typed) {
  const plain = link.href;
  const address = new URL(plain);
  address.searchParams.set("_typed", typed);
  link.href = address; // the admin's own script opens the pop-up
  link.click();
  link.href = plain;
}

$(document).on("select2:open", (event) => {
  const select = event.target;
  const link = document.getElementById(`add_${select.id}`);
  const results = document.getElementById(`select2-${select.id}-results`);
  if (!link || !results) return;

  const offer = () => {
    const nothing = results.querySelector(".select2-results__message:not(.loading-results)");
    const dropdown = document.querySelector(".select2-container--open .select2-search__field:focus");
    const typed = dropdown?.value.trim();
    if (!nothing || !typed || results.querySelector("[data-quick-add]")) return;
    const button = document.createElement("button");
    button.type = "button";
    button.dataset.quickAdd = "";
    button.textContent = `Add “${typed}”`;
    const add = () => {
      $(select).select2("close");
      openWindow(link, typed);
    };
    button.addEventListener("mousedown", (pressed) => pressed.preventDefault());
    button.addEventListener("click", add);
    dropdown.addEventListener(
      "keydown",
      (key) => {
        if (key.key !== "Enter" || !button.isConnected) return;
        key.preventDefault();
        key.stopPropagation();
        add();
      },
      { capture: true },
    );
    nothing.append(" ", button);
  };
  const observer = new MutationObserver(offer);
  observer.observe(results, { childList: true, subtree: true });
  $(select).one("select2:close", () => observer.disconnect());
});
