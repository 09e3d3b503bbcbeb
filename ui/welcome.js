// A starter question asks itself. `element` and `trigger` are given by gr.HTML.
element.addEventListener("click", (event) => {
  const starter = event.target.closest(".px-starter");
  if (starter !== null) trigger("ask", { question: starter.dataset.question });
});
