require("node:http").createServer((_, answer) => answer.end("Hello from nodejs\n")).listen(process.env.PORT);
