// Selects all rows of a worklist at once; without JavaScript each is selected individually.
const bar = document.querySelector("[data-all]");
const boxes = [...document.querySelectorAll("input[name=line]")];

if (bar && boxes.length) {
  const all = bar.querySelector("input");
  const told = bar.querySelector("[data-ticked]");
  const tell = () => {
    const ticked = boxes.filter((box) => box.checked).length;
    told.textContent = ticked ? `${ticked} selected` : "";
    all.checked = ticked === boxes.length;
    all.indeterminate = ticked > 0 && ticked < boxes.length;
  };
  all.addEventListener("change", () => {
    for (const box of boxes) box.checked = all.checked;
    tell();
  });
  for (const box of boxes) box.addEventListener("change", tell);
  bar.hidden = false;
  tell();
}
