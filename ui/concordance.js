// More lines, and terms spelt nearly so. `element` and `trigger` are given by gr.HTML.
element.addEventListener("click", (event) => {
  const near = event.target.closest(".px-near");
  const lines = event.target.closest(".px-more-lines");
  if (near !== null) trigger("more", { term: near.dataset.term, first: 0 });
  if (lines !== null) {
    const { term } = element.querySelector("[data-term]").dataset;
    trigger("more", { term, first: Number(lines.dataset.first) });
  }
});
