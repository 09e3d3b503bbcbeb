// Clicks in the conversation become events of its component; a new turn is brought into view, what was unfolded
// stays so, and a page that is loaded again asks its questions again.
// `element`, `trigger` and `watch` are given by gr.HTML; document text is read from attributes, never run.
let visits = 0;
let unfolded = new Set();
// The server keeps the chats of so many pages, and of none when it is started again; of a chat that it let go, only
// what was asked since comes back. `answered` has what was shown before, `gone` what it let go, `begun` what is no loss.
let answered = [];
let gone = [];
let begun = false;

element.addEventListener("click", (event) => {
  const summary = event.target.closest("summary");
  if (summary !== null) {
    const name = named(summary.parentElement);
    // The click comes before what it does.
    if (summary.parentElement.open) unfolded.delete(name);
    else unfolded.add(name);
  }
  const file = event.target.closest(".px-keep");
  if (file !== null) {
    visits += 1;
    trigger("save", { ending: file.dataset.ending, visit: visits });
  }
  const jump = event.target.closest(".px-jump");
  if (jump !== null) {
    const place = [...jump.parentElement.children].indexOf(jump);
    jump.closest(".px-turn").querySelectorAll("article")[place].scrollIntoView({ block: "start" });
  }
  if (event.target.closest(".px-again") !== null) {
    const questions = [...gone, ...answered];
    gone = [];
    begun = true;
    trigger("resume", { questions, choice: pins() });
  }
  const beside = event.target.closest(".px-beside");
  if (beside !== null) trigger("beside", place(beside));
});

// What a button or a heading says of the words that it belongs to.
function place({ dataset: { document: id, sha256, start, end } }) {
  return { document: id, sha256, start: Number(start), end: Number(end) };
}

function folds() {
  return [...element.querySelectorAll("details")];
}

// A fold by its turn, its card and its place there; what is pinned may change the order of the cards.
function named(fold) {
  const turn = fold.closest(".px-turn");
  const card = fold.closest("article") ?? turn;
  const place = [...card.querySelectorAll("details")].indexOf(fold);
  return [turn.getAttribute("aria-labelledby"), card.getAttribute("aria-label"), place].join("/");
}

// A server that was started again knows nothing of the chat, so the tab remembers its questions, and nothing
// of a document. A browser that stores nothing, or is full, throws: then the chat lasts as long as the page.
const KEPT = "parallax-questions";

function keep(questions) {
  try {
    sessionStorage.setItem(KEPT, JSON.stringify(questions));
  } catch {}
}

function kept() {
  try {
    return JSON.parse(sessionStorage.getItem(KEPT)) ?? [];
  } catch {
    return [];
  }
}

function pins() {
  try {
    return JSON.parse(sessionStorage.getItem("parallax-choice"));
  } catch {
    return null;
  }
}

if (kept().length > 0) trigger("resume", { questions: kept(), choice: pins() });

document.addEventListener("click", (event) => {
  if (event.target.closest("#px-new") === null) return;
  gone = [];
  begun = true;
});

function asked(heading) {
  return {
    question: heading.textContent,
    own: heading.dataset.own === "true",
    in: heading.dataset.in?.split(" ") ?? [],
    beside: "document" in heading.dataset ? place(heading) : null,
  };
}

// One sentence where the server let go of the chat, under the question in view, and the way to have it again once
// nothing is being read.
function tell(heading, pending) {
  element.querySelector(".px-lost")?.remove();
  if (gone.length === 0) return;
  const told = Object.assign(document.createElement("p"), {
    className: "px-lost",
    textContent: "The server let this chat go, since many are open or it was started again. ",
  });
  told.setAttribute("role", "status");
  const button = { type: "button", className: "px-act px-again", disabled: pending };
  told.append(Object.assign(document.createElement("button"), button, { textContent: "Ask its questions again" }));
  if (heading === undefined) element.querySelector(".px-conversation").append(told);
  else heading.after(told);
}

watch("value", () => {
  const headings = [...element.querySelectorAll(".px-question")];
  const shown = headings.map(asked);
  const done = headings.filter((heading) => heading.closest("[aria-busy]") === null).length;
  if (!begun && answered.some(({ question }, place) => shown[place]?.question !== question)) gone.push(...answered);
  begun = false;
  answered = shown.slice(0, done);
  keep([...gone, ...shown]);
  tell(headings.at(-1), done < shown.length);
  const heading = headings.at(-1);
  if (heading === undefined) unfolded = new Set();
  // Gradio takes the new HTML for the whole truth, in which every fold is closed.
  folds().forEach((fold) => (fold.open = unfolded.has(named(fold))));
  const page = document.getElementById("px-page");
  if (page.dataset.pinned !== undefined) {
    const [turn, id] = JSON.parse(page.dataset.pinned);
    delete page.dataset.pinned;
    const cards = `.px-turn[aria-labelledby="${turn}"] .px-pin[data-document="${CSS.escape(id)}"]`;
    element.querySelector(cards)?.focus({ preventScroll: true });
    return;
  }
  const refusal = element.querySelector(".px-refusal");
  if (refusal !== null) refusal.scrollIntoView({ block: "nearest" });
  if (refusal !== null || heading === undefined) return;
  heading.scrollIntoView({ block: "start" });
  // Where the focus went with a starter question, or a screen keyboard would hide the answer.
  const active = document.activeElement;
  const lost = active === document.body || !active.checkVisibility();
  const touch = window.matchMedia("(pointer: coarse)").matches;
  if (lost || touch) heading.focus({ preventScroll: true });
});
