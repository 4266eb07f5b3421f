// Serves the page that the build wrote.
const fs = require("node:fs");
const http = require("node:http");

const port = Number(process.env.PORT || 3000);
const page = fs.readFileSync("dist/index.html");

const answers = {
  "/": [200, "text/html; charset=utf-8", page],
  "/healthz": [200, "text/plain", "ok\n"],
};

const server = http.createServer((request, response) => {
  const [status, type, body] = answers[request.url] || [404, "text/plain", "There is nothing here.\n"];
  response.writeHead(status, { "Content-Type": type, "Content-Length": Buffer.byteLength(body) });
  response.end(body);
  console.log(`${request.socket.remoteAddress} ${request.method} ${JSON.stringify(request.url)} ${status}`);
});

server.listen(port, "0.0.0.0", () => console.log(`Listening on port ${port}`));

process.on("SIGTERM", () => {
  server.close(() => console.log("Stopped")); // requests that are being answered are answered to their end
  server.closeIdleConnections();
});
