// A part of the page that renews itself waits while one of its menus is open.
document.addEventListener("htmx:beforeRequest", (event) => {
  if (event.detail.elt === event.target && event.target.querySelector("details.menu[open]")) event.preventDefault();
});
