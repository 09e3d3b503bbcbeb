// The reading pane: opening places from everywhere on the page and from its address, closing, stepping through the text,
// following notes, and going to the place. `element` is given by gr.HTML, which does not know what is shown in it: the pane
// is fetched from the server. Document text is read from attributes, never run.
const pane = () => element.querySelector(".px-pane");
const UNREACHED = "The page was not answered; look whether Parallax is still running, then try again.";
let opener = null;
let visits = 0;

// What the server answers; null where it does not.
async function fetched(from, asked) {
  const sent = { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(asked) };
  try {
    const answer = await fetch(from, sent);
    return answer.ok ? await answer.text() : null;
  } catch {
    return null;
  }
}

function unreached() {
  const told = document.createElement("p");
  told.setAttribute("role", "alert");
  return Object.assign(told, { className: "px-refusal", textContent: UNREACHED });
}

// Of places that are opened while another is on its way, the last one is shown.
async function open(place) {
  visits += 1;
  const visit = visits;
  const html = await fetched("pane", { ...place, hits: hits(place.document) });
  if (visit === visits) show(html, place.direction !== undefined);
}

// The places of a document that are marked in the last turn of the chat.
function hits(id) {
  const turn = [...document.querySelectorAll("#px-conversation .px-turn")].at(-1);
  const marked = [...(turn?.querySelectorAll(".px-quotation:has(mark) .px-open") ?? [])];
  const ranges = marked.filter(({ dataset }) => dataset.document === id);
  return ranges.map(({ dataset }) => [Number(dataset.start), Number(dataset.end)]);
}

function show(html, grown) {
  const fresh = document.createElement("template");
  fresh.innerHTML = html ?? '<aside class="px-pane" aria-label="Reading" data-focus="px-here"></aside>';
  if (html === null) fresh.content.firstChild.append(Object.assign(unreached(), { id: "px-here", tabIndex: -1 }));
  if (grown && pane() !== null) patch(pane(), fresh.content.firstElementChild);
  else element.replaceChildren(fresh.content);
  arrive();
}

// What is there stays, with the focus, the selection and what was unfolded: a text that goes on under a reader must not
// disturb him.
function patch(old, fresh) {
  if (old.matches(".px-slot")) return; // pages that are drawn
  for (const { name } of [...old.attributes]) {
    if (!fresh.hasAttribute(name) && name !== "open") old.removeAttribute(name);
  }
  for (const { name, value } of fresh.attributes) if (old.getAttribute(name) !== value) old.setAttribute(name, value);
  const there = [...old.childNodes];
  for (const [index, node] of [...fresh.childNodes].entries()) {
    const beside = there[index];
    if (beside === undefined) old.append(node);
    else if (beside.nodeName !== node.nodeName) beside.replaceWith(node);
    else if (node.nodeType === Node.ELEMENT_NODE) patch(beside, node);
    else if (beside.data !== node.data) beside.data = node.data;
  }
  there.slice(fresh.childNodes.length).forEach((node) => node.remove());
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

// What is gone to comes under the head, which stays at the top; of what is too long to be seen whole, its beginning.
function go(id, block) {
  const target = document.getElementById(id);
  if (target === null) return;
  const side = document.getElementById("px-side");
  const covered = pane().querySelector(".px-head")?.offsetHeight ?? 0;
  side.style.scrollPaddingTop = `calc(${covered}px + 1rem)`;
  const whole = target.getBoundingClientRect().height < (side.clientHeight - covered) / 2;
  target.scrollIntoView({ block: whole ? block : "start" });
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

function close() {
  if (!leave()) return;
  if (history.state?.pane) history.back();
  else name("", history.state);
}

// Takes the pane away; false where there is none.
function leave() {
  visits += 1; // what is still on its way comes too late
  if (pane() === null) return false;
  nearEnd.disconnect();
  element.replaceChildren();
  refocus(60);
  return true;
}

// A pane that is opened is a step in the browser's history, so that Back closes it and does not leave the page; what is
// read in it after that is not.
window.addEventListener("popstate", ({ state }) => state?.beneath && leave());

// What the address says: the view in front, and the place that is open, if one is.
function name(link, state, how = "replaceState") {
  history[how](state, "", `#${document.getElementById("px-page").dataset.view}${link}`);
}

// What the pane covered on a phone can take the focus only when it is drawn again, some frames later.
function refocus(frames) {
  if (opener === null || !opener.isConnected) return;
  opener.focus();
  if (document.activeElement !== opener && frames > 0) requestAnimationFrame(() => refocus(frames - 1));
}

document.addEventListener("click", (event) => {
  if (event.target.closest("#px-new") !== null) close();
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

// Pages as printed are drawn when they are unfolded. This event does not rise from where it happens, but is seen on its way.
element.addEventListener("toggle", async ({ target: fold }) => {
  const slot = fold.querySelector(".px-slot");
  if (!fold.matches(".px-printed[open]") || slot.querySelector("img") !== null) return;
  const { document: id, sha256, start, end } = fold.dataset;
  const html = await fetched("pages", { document: id, sha256, start: Number(start), end: Number(end) });
  if (html === null) slot.replaceChildren(unreached());
  else slot.innerHTML = html;
}, true);

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && !event.isComposing) close();
});

function arrive() {
  nearEnd.disconnect();
  const later = element.querySelector('.px-step[data-direction="later"]');
  if (later !== null) nearEnd.observe(later);
  const { focus, link } = pane().dataset;
  if (!focus) return;
  if (link !== undefined && location.hash.includes("/")) name(`/${link}`, history.state);
  else if (link !== undefined) {
    name("", { beneath: true });
    name(`/${link}`, { pane: true }, "pushState");
  }
  // The pane may have moved what it was opened from out of sight.
  if (opener !== null && opener.isConnected) opener.scrollIntoView({ block: "nearest" });
  go(focus, focus === "px-here" ? "center" : "nearest");
}
