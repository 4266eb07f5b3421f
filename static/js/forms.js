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
    for (const input of row.querySelectorAll("input[type=text], input[type=password]")) input.value = "";
    row.hidden = true;
    event.preventDefault();
  });

  // A value marked secret is not shown on the screen.
  document.addEventListener("change", (event) => {
    if (!event.target.matches("[data-secret]")) return;
    const value = event.target.closest(".variable").querySelector("[name$=-value]");
    value.type = event.target.checked ? "password" : "text";
  });

  // Only the fields of the chosen language and the versions it has are shown.
  const showLanguage = () => {
    const language = document.querySelector("[data-language]");
    if (!language) return;
    for (const part of document.querySelectorAll("[data-for-language]")) {
      const wanted = part.dataset.forLanguage;
      part.hidden = wanted === "dockerfile" ? language.value !== "dockerfile" : language.value === "dockerfile";
    }
    const version = document.querySelector("[data-versions]");
    let valid = false;
    for (const group of version.querySelectorAll("optgroup")) {
      group.hidden = group.disabled = group.dataset.language !== language.value;
      if (!group.hidden) valid ||= [...group.children].some((option) => option.selected && !option.disabled);
    }
    if (!valid) {
      const first = version.querySelector("optgroup:not([disabled]) option:not([disabled])");
      if (first) version.value = first.value;
    }
  };
  document.addEventListener("change", (event) => event.target.matches("[data-language]") && showLanguage());
  document.addEventListener("htmx:load", showLanguage);
  showLanguage();
})();
