// The reading pane: closing it, stepping through the text, following notes, and going to the place.
// `element`, `props`, `trigger` and `watch` are given by gr.HTML.
const pane = () => element.querySelector(".px-pane");

function go(id, block) {
  const target = document.getElementById(id);
  if (target === null) return;
  target.scrollIntoView({ block });
  target.focus({ preventScroll: true });
}

let closing = false;

function close() {
  if (pane() === null) return;
  closing = true;
  props.value = "";
}

// `watch` does not tell of a value that was set here. Only when the pane has left the page may the focus go on:
// while it covers a phone, what is beneath cannot take it.
new MutationObserver(() => {
  if (!closing || pane() !== null) return;
  closing = false;
  document.dispatchEvent(new Event("px-closed"));
}).observe(element, { childList: true, subtree: true });

element.addEventListener("click", (event) => {
  const step = event.target.closest(".px-step");
  const link = event.target.closest('a[href^="#"]');
  if (event.target.closest(".px-close") !== null) close();
  if (step !== null) {
    const { document: id, sha256, direction, start, end, from, to } = step.dataset;
    const [first, last, low, high] = [start, end, from, to].map(Number);
    trigger("open", { document: id, sha256, start: first, end: last, from: low, to: high, direction, visit: Number(pane().dataset.visit) });
  }
  const there = event.target.closest(".px-go");
  const strip = event.target.closest(".px-strip");
  const visit = Number(pane()?.dataset.visit) + 1;
  if (there !== null) {
    const { document: id, sha256, start, end } = there.dataset;
    trigger("open", { document: id, sha256, start: Number(start), end: Number(end), visit });
  } else if (strip !== null) {
    const { document: id, sha256, length } = strip.dataset;
    const { left, right, width } = strip.getBoundingClientRect();
    const along = getComputedStyle(strip).direction === "rtl" ? right - event.clientX : event.clientX - left;
    const at = Math.min(Math.max(Math.floor((along / width) * length), 0), length - 1);
    trigger("open", { document: id, sha256, at, visit });
  }
  if (link !== null) {
    event.preventDefault();
    go(decodeURIComponent(link.hash.slice(1)), "nearest");
  }
});

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && !event.isComposing) close();
});

watch("value", () => {
  const focus = pane()?.dataset.focus;
  if (focus === undefined) return;
  document.dispatchEvent(new Event("px-opened"));
  go(focus, focus === "px-here" ? "center" : "nearest");
});
