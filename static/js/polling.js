// A part of the page that renews itself waits while one of its menus or dialogs is open or something is typed into it,
// also with an answer on its way.
(() => {
  const isInUse = (part) => part.querySelector("details.menu[open], dialog[open], form.asks:focus-within") !== null;

  document.addEventListener("htmx:beforeRequest", (event) => {
    if (event.detail.elt !== event.target) return;
    const renewsUnseen = document.hidden && event.target.matches("[hx-trigger^='every']");
    if (renewsUnseen || isInUse(event.target)) event.preventDefault();
  });
  document.addEventListener("htmx:beforeSwap", (event) => {
    if (event.detail.elt === event.target && event.target.matches("[hx-trigger^='every']") && isInUse(event.target)) {
      event.detail.shouldSwap = false;
    }
  });
})();
