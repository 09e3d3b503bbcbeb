// The documents of the library: their details are saved as one form, and what removes one asks again first.
// `element` and `trigger` are given by gr.HTML.
element.addEventListener("submit", (event) => {
  event.preventDefault();
  trigger("describe", { id: event.target.dataset.document, ...Object.fromEntries(new FormData(event.target)) });
});

element.addEventListener("click", (event) => {
  const button = event.target.closest(".px-remove");
  if (button === null) return;
  if (button.dataset.asked === undefined) {
    button.dataset.asked = "";
    button.textContent = "Remove it for good?";
    button.addEventListener("blur", () => { delete button.dataset.asked; button.textContent = "Remove"; }, { once: true });
  } else {
    trigger("remove", { id: button.dataset.document });
  }
});
