// A pressed button shows that it works and takes no second press; rows of variables come and go without a round trip.
(() => {
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.dataset.sent !== undefined) {
      event.preventDefault();
      return;
    }
    const button = event.submitter;
    if (form.method === "dialog" || button?.hasAttribute("hx-post")) return;
    form.dataset.sent = "";
    // The press itself must be sent along with the button's own value, so it is disabled only afterwards.
    setTimeout(() => button && busy(button), 0);
  });

  const busy = (button) => {
    button.setAttribute("aria-busy", "true");
    button.disabled = true;
  };

  // A page that comes back from the browser's history can be sent again.
  addEventListener("pageshow", () => {
    for (const form of document.querySelectorAll("form[data-sent]")) delete form.dataset.sent;
    for (const button of document.querySelectorAll("button[aria-busy=true]")) {
      button.removeAttribute("aria-busy");
      button.disabled = false;
    }
  });

  document.addEventListener("htmx:beforeRequest", (event) => {
    if (event.detail.elt.matches("button")) event.detail.elt.setAttribute("aria-busy", "true");
  });
  document.addEventListener("htmx:afterRequest", (event) => event.detail.elt.removeAttribute("aria-busy"));

  // A part that was answered from elsewhere met the login page: the whole page has to go there.
  document.addEventListener("htmx:beforeSwap", (event) => {
    const answered = new URL(event.detail.xhr.responseURL || location.href).pathname;
    if (answered === event.detail.pathInfo.requestPath.split("?")[0]) return;
    event.detail.shouldSwap = false;
    location.reload();
  });

  // A press that got no answer says so. Parts that refresh themselves just try again.
  const unanswered = (event) => {
    if (!event.detail.elt.matches("button")) return;
    const toast = document.getElementById("no-answer").content.firstElementChild.cloneNode(true);
    document.querySelector(".toasts").append(toast);
  };
  for (const name of ["htmx:sendError", "htmx:timeout", "htmx:responseError"]) document.addEventListener(name, unanswered);

  document.addEventListener("click", (event) => {
    const add = event.target.closest("[data-add-row]");
    if (!add) return;
    const rows = document.getElementById(add.dataset.addRow);
    const total = rows.querySelector("input[name$=TOTAL_FORMS]");
    if (Number(total.value) >= Number(rows.dataset.max)) return;
    const fresh = rows.querySelector("template").innerHTML.replaceAll("__prefix__", total.value);
    rows.querySelector("template").insertAdjacentHTML("beforebegin", fresh);
    total.value = Number(total.value) + 1;
    rows.querySelector(`[name$="-${total.value - 1}-key"]`).focus();
    event.preventDefault();
  });

  // A removed row stays in the form, marked and emptied: the numbers of the others must not move.
  document.addEventListener("click", (event) => {
    const remove = event.target.closest("[data-remove-row]");
    if (!remove) return;
    const row = remove.closest(".variable");
    for (const input of row.querySelectorAll("input[type=text], input[type=password], textarea")) input.value = "";
    row.hidden = true;
    row.dispatchEvent(new Event("input", { bubbles: true }));
    event.preventDefault();
  });

  // A value marked secret is not shown on the screen.
  document.addEventListener("change", (event) => {
    if (!event.target.matches("[data-secret]")) return;
    const value = event.target.closest(".variable").querySelector("[name$=-value]");
    if (value.matches("textarea")) value.classList.toggle("masked", event.target.checked);
    else value.type = event.target.checked ? "password" : "text";
  });

  // Only the fields of the chosen language and the versions it has are shown.
  const showLanguage = () => {
    const language = document.querySelector("[data-language]");
    if (!language) return;
    const isDockerfile = language.value === "dockerfile";
    const shown = {
      dockerfile: isDockerfile,
      managed: !isDockerfile,
      startable: !language.dataset.unstartable.split(" ").includes(language.value),
    };
    for (const part of document.querySelectorAll("[data-for-language]")) part.hidden = !shown[part.dataset.forLanguage];
    const version = document.querySelector("[data-versions]");
    let valid = false;
    for (const group of version.querySelectorAll("optgroup")) {
      group.hidden = group.disabled = !group.firstElementChild.value.startsWith(`${language.value}:`);
      if (!group.hidden) valid ||= [...group.children].some((option) => option.selected && !option.disabled);
    }
    if (!valid) {
      const free = [...version.querySelectorAll("optgroup:not([disabled]) option:not([disabled])")];
      const next = free.find((option) => option.defaultSelected) || free[0];
      if (next) version.value = next.value;
    }
  };
  document.addEventListener("change", (event) => event.target.matches("[data-language]") && showLanguage());
  document.addEventListener("htmx:load", showLanguage);
  showLanguage();
})();
