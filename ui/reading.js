// The reading pane: opening places from everywhere on the page and from its address, closing, stepping through the text,
// following notes, and going to the place. `element`, `props`, `trigger` and `watch` are given by gr.HTML; document text is
// read from attributes, never run.
const pane = () => element.querySelector(".px-pane");
let opener = null;
let visits = 0;

function open(place) {
  visits += 1;
  trigger("open", { ...place, visit: visits });
}

// A step that was not asked for with the button leaves the focus where it is.
function grow(step, quiet) {
  const { document: id, sha256, direction, start, end, from, to } = step.dataset;
  const [first, last, low, high] = [start, end, from, to].map(Number);
  open({ document: id, sha256, start: first, end: last, from: low, to: high, direction, quiet });
}

// Who reads on finds the text going on: the next step is taken before the last one is read to its end.
const nearEnd = new IntersectionObserver(
  (seen) => seen.forEach(({ isIntersecting, target }) => isIntersecting && grow(target, true)),
  { root: document.getElementById("px-side"), rootMargin: "0px 0px 600px 0px" },
);

function go(id, block) {
  const target = document.getElementById(id);
  if (target === null) return;
  target.scrollIntoView({ block });
  target.focus({ preventScroll: true });
}

// A link to a place: "#read/DOCUMENT/START-END/SHA256", with any view in front.
function openAddress() {
  const [view, id, range, sha256] = location.hash.slice(1).split("/");
  const [start, end] = (range ?? "").split("-").map(Number);
  if (sha256 !== undefined) open({ document: decoded(id), sha256, start, end });
}

// An address that somebody broke names no document; that must be told in the pane, not end this script.
function decoded(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

window.addEventListener("hashchange", openAddress);
openAddress();

let closing = false;

function close() {
  if (pane() === null) return;
  closing = true;
  props.value = "";
  nameView();
}

// Of a pane that is closed the address says nothing more.
function nameView() {
  history.replaceState(null, "", `#${document.getElementById("px-page").dataset.view}`);
}

// `watch` does not tell of a value that was set here. Only when the pane has left the page may the focus go on to what it
// was opened from: while it covers a phone, what is beneath cannot take it.
new MutationObserver(() => {
  if (!closing || pane() !== null) return;
  closing = false;
  refocus(60);
}).observe(element, { childList: true, subtree: true });

// What the pane covered on a phone can take the focus only when it is drawn again, some frames later.
function refocus(frames) {
  if (opener === null || !opener.isConnected) return;
  opener.focus();
  if (document.activeElement !== opener && frames > 0) requestAnimationFrame(() => refocus(frames - 1));
}

document.addEventListener("click", (event) => {
  const there = event.target.closest(".px-open, .px-go");
  if (there === null) return;
  if (!element.contains(there)) opener = there;
  const { document: id, sha256, start, end, at } = there.dataset;
  if (at !== undefined) open({ document: id, sha256, at: Number(at) });
  else open({ document: id, sha256, start: Number(start), end: Number(end) });
});

element.addEventListener("click", (event) => {
  const step = event.target.closest(".px-step");
  const link = event.target.closest('a[href^="#"]');
  const strip = event.target.closest(".px-strip");
  if (event.target.closest(".px-close") !== null) close();
  if (step !== null) grow(step, false);
  if (strip !== null && event.target.closest(".px-go") === null) {
    const { document: id, sha256, length } = strip.dataset;
    const { left, right, width } = strip.getBoundingClientRect();
    const along = getComputedStyle(strip).direction === "rtl" ? right - event.clientX : event.clientX - left;
    open({ document: id, sha256, at: Math.min(Math.max(Math.floor((along / width) * length), 0), length - 1) });
  }
  if (link !== null) {
    event.preventDefault();
    go(decodeURIComponent(link.hash.slice(1)), "nearest");
  }
});

// Pages as printed are drawn when they are unfolded; a pane that has grown since shows them unfolded again.
let unfolded;

function showPages() {
  const fold = element.querySelector(".px-printed[open]");
  const drawn = document.querySelector("#px-pages .px-sheets");
  if (fold === null || drawn?.dataset.link !== pane().dataset.link) return false;
  const slot = fold.querySelector(".px-slot");
  slot.replaceChildren(...drawn.cloneNode(true).childNodes);
  return slot.querySelector("img") !== null;
}

document.addEventListener("px-drawn", showPages);

// This event does not rise from where it happens, but is seen on its way there.
element.addEventListener("toggle", (event) => {
  const fold = event.target;
  if (!fold.matches(".px-printed")) return;
  unfolded = fold.open ? pane().dataset.link : undefined;
  if (!fold.open || showPages()) return;
  visits += 1;
  const { document: id, sha256, start, end } = fold.dataset;
  trigger("printed", { document: id, sha256, start: Number(start), end: Number(end), visit: visits });
}, true);

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && !event.isComposing) close();
});

watch("value", () => {
  nearEnd.disconnect();
  const later = element.querySelector('.px-step[data-direction="later"]');
  if (later !== null) nearEnd.observe(later);
  if (pane() === null) nameView();
  else if (pane().dataset.link === unfolded) element.querySelector(".px-printed")?.setAttribute("open", "");
  const { focus, link } = pane()?.dataset ?? {};
  if (!focus) return;
  if (link !== undefined) history.replaceState(null, "", `#${document.getElementById("px-page").dataset.view}/${link}`);
  // The pane may have moved what it was opened from out of sight.
  if (opener !== null && opener.isConnected) opener.scrollIntoView({ block: "nearest" });
  go(focus, focus === "px-here" ? "center" : "nearest");
});
