// Shows the form again that was sent without a login. Without this, its button does.
document.querySelector("form[data-send-again]")?.requestSubmit();
