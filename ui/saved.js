// A file that was made goes where the browser keeps downloads. `element` and `watch` are given by gr.HTML.
watch("value", () => element.querySelector(".px-saved")?.click());
