// Deploy is offered only while the form differs from what it started from; leaving it then asks.
(() => {
  const form = document.getElementById("service-form");
  const deploy = document.querySelector("[data-deploy]");
  const dialog = document.getElementById("leave");
  const start = JSON.parse(document.getElementById("start").textContent);

  const value = (control) => (control?.type === "checkbox" ? control.checked : control?.value);
  const rows = () =>
    [...form.querySelectorAll(".variable")]
      .map((row) => ["key", "value", "is_secret", "at_build"].map((name) => value(row.querySelector(`[name$="-${name}"]`))))
      .filter(([key, text]) => key || text);
  const text = (fields, variables) => JSON.stringify([fields, variables.map((row) => JSON.stringify(row)).sort()]);
  const now = () => {
    const fields = Object.keys(start.fields).map((name) => value(form.elements[name]) ?? start.fields[name]);
    return text(fields, rows());
  };

  const unchanged = text(
    Object.values(start.fields),
    start.variables.map(([key, text, ...switches]) => [key, text.replaceAll("\r\n", "\n"), ...switches]),
  );
  let last;
  let leaving = false;
  const differs = () => now() !== unchanged;
  const refresh = () => {
    const current = now();
    const first = last === undefined;
    if (current === last || form.dataset.sent !== undefined) return;
    last = current;
    deploy.disabled = current === unchanged;
    if (!first) form.dispatchEvent(new CustomEvent("edited"));
  };

  form.addEventListener("input", refresh);
  form.addEventListener("change", refresh);
  document.addEventListener("htmx:afterSettle", refresh);
  addEventListener("pageshow", () => setTimeout(refresh, 0));
  refresh();

  const asks = () => differs() && !leaving && form.dataset.sent === undefined;
  addEventListener("beforeunload", (event) => asks() && event.preventDefault());

  let target;
  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[href]");
    if (!link || link.target === "_blank" || event.ctrlKey || event.metaKey || event.shiftKey || event.defaultPrevented) return;
    if (link.getAttribute("href").startsWith("#") || !asks()) return;
    event.preventDefault();
    target = link.href;
    dialog.showModal();
  });
  dialog.querySelector("[data-discard]").addEventListener("click", () => {
    leaving = true;
    location.href = target;
  });
})();
