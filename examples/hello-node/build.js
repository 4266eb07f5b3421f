// The build: writes the page that the server sends, with the time of the build in it.
const fs = require("node:fs");

const version = require("./package.json").version;
const page = fs.readFileSync("page.html", "utf8")
  .replaceAll("{version}", version)
  .replaceAll("{node}", process.version)
  .replaceAll("{built}", new Date().toISOString());

fs.mkdirSync("dist", { recursive: true });
fs.writeFileSync("dist/index.html", page);
console.log(`Built dist/index.html, version ${version}, ${page.length} bytes`);
