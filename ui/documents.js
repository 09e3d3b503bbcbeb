// The documents of the library: their details are saved as one form, and what removes one asks again first.
// A newer version of a document's file is sent as it is chosen; why something was refused is brought into view.
// `element`, `trigger`, `upload` and `watch` are given by gr.HTML.
element.addEventListener("change", async ({ target }) => {
  if (target.type !== "file" || target.files.length === 0) return;
  const { path } = await upload(target.files[0]);
  trigger("replace", { id: target.dataset.document, path });
});

element.addEventListener("submit", (event) => {
  event.preventDefault();
  trigger("describe", { id: event.target.dataset.document, ...Object.fromEntries(new FormData(event.target)) });
});

element.addEventListener("click", (event) => {
  const collection = event.target.closest(".px-dissolve");
  if (collection !== null) trigger("dissolve", { name: collection.dataset.name });
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

watch("value", () => element.querySelector(".px-refusal")?.scrollIntoView({ block: "nearest" }));
