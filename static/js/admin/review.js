// The review has a form of its own below the session's: warn before it leaves edits behind.
const session = document.querySelector("#session_form");
let edited = false;

for (const type of ["input", "change"]) {
  session?.addEventListener(type, (event) => {
    edited ||= event.isTrusted; // the text editor and the choices of names send events of their own
  });
}
django.jQuery(session).on("select2:select select2:unselect", () => {
  edited = true;
});

document.querySelector("[data-review-form]")?.addEventListener("submit", (event) => {
  if (edited && !window.confirm("What you changed above is not saved and would be lost. Go on?")) {
    event.preventDefault();
  }
});
