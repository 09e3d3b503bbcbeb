// All documents where some were chosen. `element` and `trigger` are given by gr.HTML.
element.addEventListener("click", (event) => {
  if (event.target.closest(".px-everywhere") === null) return;
  trigger("everywhere", { quotation: element.querySelector("section").dataset.quotation });
});
