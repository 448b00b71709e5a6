// Warns before a page with unsaved changes is left.
const marker = document.querySelector("[data-unsaved-changes]");
const form = marker?.closest("form");

if (form) {
  let isChanged = marker.dataset.unsavedChanges === "now";
  const change = () => {
    isChanged = true;
  };
  for (const type of ["input", "change"]) {
    form.addEventListener(type, (event) => {
      // The rich-text editor and the selects with search send events of their own while loading.
      if (event.isTrusted) change();
    });
  }
  django.jQuery(form).on("select2:select select2:unselect", change);
  form.addEventListener("formset:added", change);
  form.addEventListener("formset:removed", change);
  form.addEventListener("submit", () => {
    isChanged = false;
  });
  window.addEventListener("beforeunload", (event) => {
    if (isChanged) event.preventDefault();
  });
}
