// A part of the page that renews itself waits while one of its menus or dialogs is open, something is typed into it or
// something in it is held down, also with an answer on its way.
(() => {
  const IN_USE = "details.menu[open], dialog[open], form.asks:focus-within, *:active";
  const isInUse = (part) => part.querySelector(IN_USE) !== null;

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
