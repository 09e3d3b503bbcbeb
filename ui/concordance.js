// More lines, terms spelt nearly so, and all documents where some were chosen. `element` and `trigger` are given by gr.HTML.
element.addEventListener("click", (event) => {
  const near = event.target.closest(".px-near");
  const everywhere = event.target.closest(".px-everywhere");
  const lines = event.target.closest(".px-more-lines");
  const asked = element.querySelector("section")?.dataset;
  const chosen = asked?.in.split(" ").filter(Boolean);
  if (near !== null) trigger("more", { term: near.dataset.term, first: 0, in: chosen });
  if (everywhere !== null) trigger("more", { term: asked.term, first: 0 });
  if (lines !== null) trigger("more", { term: asked.term, first: Number(lines.dataset.first), in: chosen });
});
