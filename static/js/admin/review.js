// The review has a form of its own below the session's: warn before it leaves edits behind.
const session = document.querySelector("#session_form");
let edited = false;
const note = () => {
  edited = true;
};
session?.addEventListener("input", note);
session?.addEventListener("change", note);
django.jQuery(session).on("change", note); // select2 tells jQuery alone

document.querySelector("[data-review-form]")?.addEventListener("submit", (event) => {
  if (edited && !window.confirm("What you changed above is not saved and would be lost. Go on?")) {
    event.preventDefault();
  }
});
