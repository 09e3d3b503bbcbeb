// Clicks in the conversation become events of its component; a new turn is brought into view.
// `element`, `trigger` and `watch` are given by gr.HTML; document text is read from attributes, never run.
let opener = null;
let visits = 0;

element.addEventListener("click", (event) => {
  const button = event.target.closest(".px-open");
  if (button === null) return;
  const { document: id, start, end } = button.dataset;
  opener = button;
  visits += 1;
  trigger("open", { document: id, start: Number(start), end: Number(end), visit: visits });
});

// The reading pane tells when it was opened, which may have moved what it was opened from out of sight, and
// when it was closed: the reader goes on where it was opened.
document.addEventListener("px-opened", () => {
  if (opener !== null && opener.isConnected) opener.scrollIntoView({ block: "nearest" });
});
document.addEventListener("px-closed", () => {
  if (opener !== null && opener.isConnected) opener.focus();
});

watch("value", () => {
  const heading = [...element.querySelectorAll(".px-question")].at(-1);
  if (heading === undefined) return;
  heading.scrollIntoView({ block: "start" });
  // Where the focus went with a starter question, or a screen keyboard would hide the answer.
  const active = document.activeElement;
  const lost = active === document.body || !active.checkVisibility();
  const touch = window.matchMedia("(pointer: coarse)").matches;
  if (lost || touch) heading.focus({ preventScroll: true });
});
