// Menus, theme, tabs, dialogs, toasts, keys. Everything works without it by links and forms.
(() => {
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];

  // Menus are <details>: only one is open, Esc and a press outside close it.
  const closeMenus = (except) => all("details.menu[open]").forEach((menu) => menu !== except && (menu.open = false));
  document.addEventListener("click", (event) => closeMenus(event.target.closest("details.menu")));
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    const menu = document.querySelector("details.menu[open]");
    if (!menu) return;
    menu.open = false;
    menu.querySelector("summary").focus();
  });

  // Theme: kept in this browser, "system" is the absence of a choice.
  const root = document.documentElement;
  const showTheme = () =>
    all("[data-theme-choice]").forEach((button) =>
      button.setAttribute("aria-pressed", String(button.dataset.themeChoice === (root.dataset.theme || "system"))),
    );
  const setTheme = (theme) => {
    if (theme === "system") delete root.dataset.theme;
    else root.dataset.theme = theme;
    try {
      if (theme === "system") localStorage.removeItem("theme");
      else localStorage.setItem("theme", theme);
    } catch {
      // The choice holds for this page only.
    }
    showTheme();
  };
  document.addEventListener("click", (event) => {
    const choice = event.target.closest("[data-theme-choice]");
    if (choice) setTheme(choice.dataset.themeChoice);
  });
  showTheme();

  // Tabs of one form: links to sections that become tabs. The server marks the panel that is open first.
  const openTab = (tabs, id, focus) => {
    for (const link of all("a", tabs)) {
      const panelId = link.hash.slice(1);
      const chosen = panelId === id;
      link.setAttribute("aria-selected", String(chosen));
      link.tabIndex = chosen ? 0 : -1;
      document.getElementById(panelId)?.toggleAttribute("data-open", chosen);
      if (chosen && focus) link.focus();
      if (chosen) link.scrollIntoView({ block: "nearest", inline: "nearest" });
    }
  };
  const dressTabs = (scope) => {
    for (const tabs of all("[data-tabs]", scope)) {
      tabs.setAttribute("role", "tablist");
      for (const link of all("a", tabs)) {
        const panel = document.getElementById(link.hash.slice(1));
        link.setAttribute("role", "tab");
        link.setAttribute("aria-controls", panel.id);
        panel.setAttribute("role", "tabpanel");
        panel.setAttribute("aria-labelledby", link.id);
      }
      const open = all("a", tabs).find((link) => document.getElementById(link.hash.slice(1)).hasAttribute("data-open"));
      openTab(tabs, (open || tabs.querySelector("a")).hash.slice(1));
    }
  };
  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[href^='#']");
    if (!link || link.hash.length < 2) return;
    const panel = document.getElementById(link.hash.slice(1))?.closest(".tab-panel");
    const tabs = panel && document.querySelector("[data-tabs]");
    if (!tabs) return;
    event.preventDefault();
    openTab(tabs, panel.id, link.closest("[data-tabs]") === tabs);
    const field = document.getElementById(link.hash.slice(1));
    if (field !== panel) field.focus();
  });
  document.addEventListener("keydown", (event) => {
    const tabs = event.target.closest?.("[data-tabs]");
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!tabs || !step) return;
    const links = all("a", tabs);
    const next = links[(links.indexOf(event.target.closest("a")) + step + links.length) % links.length];
    event.preventDefault();
    openTab(tabs, next.hash.slice(1), true);
  });

  // Dialogs: a button names the dialog it opens; a form with method=dialog or Esc closes it.
  // Without scripts the opener is a link to the page with the dialog open: here that becomes a modal one.
  document.addEventListener("click", (event) => {
    const opener = event.target.closest("[data-dialog]");
    const dialog = opener && document.getElementById(opener.dataset.dialog);
    if (!dialog) return;
    event.preventDefault();
    // The item of a menu is hidden when the dialog closes: focus comes back to what opened the menu.
    const menu = opener.closest("details.menu");
    if (menu) {
      menu.open = false;
      menu.querySelector("summary").focus();
    }
    dialog.showModal();
  });
  for (const dialog of all("dialog[open]")) {
    dialog.close();
    dialog.showModal();
  }

  // Toasts leave by their button; plain good news leaves by itself, but not while it is pointed at or focused.
  document.addEventListener("click", (event) => event.target.closest("[data-dismiss]")?.closest(".toast")?.remove());
  for (const toast of all(".toast[data-fades]")) {
    const timer = setInterval(() => {
      if (toast.matches(":hover, :focus-within")) return;
      clearInterval(timer);
      toast.remove();
    }, 6000);
  }

  // Copy buttons name what they copy.
  document.addEventListener("click", async (event) => {
    const button = event.target.closest("[data-copy]");
    if (!button) return;
    await navigator.clipboard?.writeText(button.dataset.copy);
    button.dataset.copied = "";
    setTimeout(() => delete button.dataset.copied, 1500);
  });

  // "/" goes to the search box.
  document.addEventListener("keydown", (event) => {
    if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.target.closest("input, textarea, select, [contenteditable]")) return;
    const search = document.querySelector("input[type=search]");
    if (!search) return;
    event.preventDefault();
    search.focus();
  });

  dressTabs(document);
  document.addEventListener("htmx:load", (event) => dressTabs(event.detail.elt.parentElement || document));
})();
