// Shows the form again that was submitted without a login. Without JavaScript, its button does.
document.querySelector("form[data-send-again]")?.requestSubmit();
