// Which documents a chat asks, and which are pinned. The tab remembers both, as it does the questions, and tells the
// server of each change. `element`, `trigger` and `watch` are given by gr.HTML.
const page = document.getElementById("px-page");
const KEPT = "parallax-choice";
let choice = { documents: [], pinned: [] };
try {
  choice = { ...choice, ...JSON.parse(sessionStorage.getItem(KEPT)) };
} catch {}

function tell() {
  try {
    sessionStorage.setItem(KEPT, JSON.stringify(choice));
  } catch {}
  trigger("choose", choice);
}

const boxes = () => [...element.querySelectorAll("[type=checkbox]")];

// A document that was removed since has no box, and is chosen no more.
function show() {
  for (const box of boxes()) box.checked = choice.documents.includes(box.value);
  const told = element.querySelector(".px-chosen");
  if (told === null) return;
  const chosen = boxes().filter((box) => box.checked).length;
  told.textContent = chosen === 0 ? `all ${told.dataset.total}` : `${chosen} of ${told.dataset.total}`;
}

function choose(documents) {
  choice.documents = documents;
  show();
  tell();
}

element.addEventListener("change", (event) => {
  if (event.target.type === "checkbox") choose(boxes().filter((box) => box.checked).map((box) => box.value));
});

element.addEventListener("click", (event) => {
  const preset = event.target.closest(".px-preset");
  if (preset !== null) choose(preset.dataset.documents.split(" ").filter(Boolean));
});

element.addEventListener("input", (event) => {
  if (!event.target.matches(".px-filter")) return;
  const typed = event.target.value.toLowerCase();
  for (const item of element.querySelectorAll("li")) item.hidden = !item.textContent.toLowerCase().includes(typed);
});

element.addEventListener("submit", (event) => {
  event.preventDefault();
  trigger("collect", { name: new FormData(event.target).get("name"), documents: choice.documents });
});

document.addEventListener("click", (event) => {
  const pin = event.target.closest(".px-pin");
  if (pin === null) return;
  const id = pin.dataset.document;
  choice.pinned = choice.pinned.includes(id) ? choice.pinned.filter((each) => each !== id) : [...choice.pinned, id];
  // So that the conversation stays where it is and the focus on this document.
  page.dataset.pinned = JSON.stringify([pin.closest(".px-turn").getAttribute("aria-labelledby"), id]);
  tell();
});

watch("value", show);
show();
if (choice.documents.length + choice.pinned.length > 0) trigger("choose", choice);
