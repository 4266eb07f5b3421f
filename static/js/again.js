// A script or stylesheet that did not arrive leaves half a page, so the page is loaded again. Chromium gives up what it
// is loading whenever the network of its machine changes, and every container that starts there does that.
(() => {
  const MOST = 3;
  const SECONDS = 10;
  const KEY = "loaded-again";

  const mayLoad = () => {
    try {
      const recent = JSON.parse(sessionStorage.getItem(KEY) ?? "[]").filter((time) => time > Date.now() - SECONDS * 1000);
      sessionStorage.setItem(KEY, JSON.stringify([...recent, Date.now()]));
      return recent.length < MOST;
    } catch {
      return false; // Storage may be forbidden; nothing would say where to stop.
    }
  };

  let isLoading = false;
  const lookAt = (event) => {
    const part = event.target;
    const isNeeded = part instanceof HTMLScriptElement || (part instanceof HTMLLinkElement && part.rel === "stylesheet");
    if (isNeeded && !isLoading && mayLoad()) {
      isLoading = true;
      location.reload();
    }
  };

  // The answer to a form stays: asking for it again would send the form again.
  if (document.documentElement.hasAttribute("data-repeatable")) addEventListener("error", lookAt, true);
})();
