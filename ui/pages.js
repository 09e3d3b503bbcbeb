// Pages that were drawn wait here until the reading pane takes them. `watch` is given by gr.HTML.
watch("value", () => document.dispatchEvent(new Event("px-drawn")));
