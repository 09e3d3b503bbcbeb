// Which view is shown, and copying. The address names the view, so that a link leads to it and the browser's own Back
// leads back; each time a view is shown it is told, since the library may have changed. `element` and `trigger` are given by gr.HTML.
const page = document.getElementById("px-page");
const links = [...element.querySelectorAll("a")];

function show() {
  const named = location.hash.slice(1).split("/")[0];
  const link = links.find((each) => each.hash === `#${named}`) ?? links[0];
  if (page.dataset.view === link.hash.slice(1)) return; // a place was opened or closed in it
  page.dataset.view = link.hash.slice(1);
  for (const each of links) {
    if (each === link) each.setAttribute("aria-current", "page");
    else each.removeAttribute("aria-current");
  }
  if (["ask", "read", "library"].includes(page.dataset.view)) trigger(page.dataset.view, {});
}

window.addEventListener("hashchange", show);
show();

document.addEventListener("click", (event) => {
  const copy = event.target.closest(".px-copy");
  if (copy === null) return;
  // A page that is served to other machines without TLS may not write to the clipboard.
  const told = (text) => (copy.textContent = text);
  const link = copy.dataset.link === undefined ? "" : `${location.origin}${location.pathname}${copy.dataset.link}`;
  if (navigator.clipboard === undefined) told("Not allowed here");
  else navigator.clipboard.writeText(copy.dataset.copy ?? link).then(() => told("Copied"), () => told("Not allowed here"));
});
