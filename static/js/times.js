// Relative times that stay true while the page is open, with the exact time in the browser's zone on hover.
(() => {
  const relative = new Intl.RelativeTimeFormat("en", { numeric: "auto" });
  const exact = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "long" });
  const units = [
    ["year", 31536000],
    ["month", 2592000],
    ["day", 86400],
    ["hour", 3600],
    ["minute", 60],
  ];

  const words = (seconds) => {
    const age = Math.abs(seconds);
    if (age < 45) return "just now";
    const [unit, size] = units.find(([, length]) => age >= length) || ["minute", 60];
    return relative.format(Math.round(seconds / size) || Math.sign(seconds), unit);
  };
  const length = (seconds) => {
    const whole = Math.max(0, Math.floor(seconds));
    const [hours, minutes, rest] = [Math.floor(whole / 3600), Math.floor((whole % 3600) / 60), whole % 60];
    if (hours) return `${hours}h ${minutes}m`;
    return minutes ? `${minutes}m ${rest}s` : `${rest}s`;
  };

  const refresh = () => {
    for (const time of document.querySelectorAll("time[data-when]")) {
      const then = new Date(time.dateTime);
      time.textContent = words((then - Date.now()) / 1000);
      time.title = exact.format(then);
    }
    // A running duration: <time data-since datetime="start">.
    for (const time of document.querySelectorAll("time[data-since]")) {
      time.textContent = length((Date.now() - new Date(time.dateTime)) / 1000);
    }
  };

  refresh();
  setInterval(refresh, 1000);
  document.addEventListener("htmx:afterSwap", refresh);
})();
