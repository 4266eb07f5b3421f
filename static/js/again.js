// A script or stylesheet that did not arrive leaves half a page, so the page is loaded again. Chromium gives up what it
// is loading whenever the network of its machine changes, and every container that starts there does that.
(() => {
  const MOST = 3; // times in a row, until a page arrives whole
  const KEY = "loaded-again";

  const mayLoad = () => {
    try {
      const times = Number(sessionStorage.getItem(KEY));
      sessionStorage.setItem(KEY, String(times + 1));
      return times < MOST;
    } catch {
      return false; // Storage may be forbidden; nothing would say where to stop.
    }
  };

  let isWhole = true;
  const lookAt = (event) => {
    const part = event.target;
    const isNeeded = part instanceof HTMLScriptElement || (part instanceof HTMLLinkElement && part.rel === "stylesheet");
    if (!isNeeded || !isWhole) return;
    isWhole = false;
    if (mayLoad()) location.reload();
  };

  const arrived = () => {
    try {
      if (isWhole) sessionStorage.removeItem(KEY);
    } catch {
      // Nothing is counted there.
    }
  };

  // The answer to a form stays: asking for it again would send the form again.
  if (document.documentElement.hasAttribute("data-repeatable")) {
    addEventListener("error", lookAt, true);
    addEventListener("load", arrived);
  }
})();
