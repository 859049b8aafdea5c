// The adapter of @calcom/cal-mcp: node adapter_mcp.mjs FOLDER_WITH_NODE_MODULES [--offers [--all-tools]]
// It starts the MCP server and calls its tool createBooking, as a host of MCP servers does. With --offers it prints the number
// of the server's tools instead.
import { spawn } from "node:child_process";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const [folder, ...options] = process.argv.slice(2);
const hook = join(dirname(fileURLToPath(import.meta.url)), "to_loopback.mjs");
const program = join(folder, "node_modules", "@calcom", "cal-mcp", "dist", "index.js");
const flags = options.includes("--all-tools") ? ["--all-tools"] : [];
const server = spawn(process.execPath, ["--import", hook, program, ...flags], {
  env: { ...process.env, CAL_API_KEY: process.env.CALCOM_API_KEY },
  stdio: ["pipe", "pipe", "ignore"],
});

// The time limit of a request in the client of @modelcontextprotocol/sdk, unless its caller sets another.
const HOST_TIMEOUT = 60_000;
const waiting = new Map();
let last = 0;

createInterface({ input: server.stdout }).on("line", (line) => {
  const message = JSON.parse(line);
  waiting.get(message.id)?.(message);
  waiting.delete(message.id);
});

function send(message) {
  server.stdin.write(`${JSON.stringify({ jsonrpc: "2.0", ...message })}\n`);
}

function request(method, params) {
  const id = ++last;
  return new Promise((resolve) => {
    const late = setTimeout(() => resolve({ error: { message: "Request timed out" } }), HOST_TIMEOUT);
    waiting.set(id, (message) => {
      clearTimeout(late);
      resolve(message);
    });
    send({ id, method, params });
  });
}

async function book({ start, name, email, eventTypeId }) {
  const { result, error } = await request("tools/call", {
    name: "createBooking",
    arguments: {
      params: { "cal-api-version": "2024-08-13" },
      body: { start, eventTypeId, attendee: { name, email, timeZone: "UTC", language: "en" } },
    },
  });
  const text = error?.message ?? result.content[0].text;
  if (error || result.isError) return { told: "failed", why: text };
  return { told: "booked", uid: JSON.parse(text).data?.uid };
}

await request("initialize", {
  protocolVersion: "2025-03-26",
  capabilities: {},
  clientInfo: { name: "other-clients", version: "1" },
});
send({ method: "notifications/initialized" });
if (options.includes("--offers")) {
  const { result } = await request("tools/list", {});
  console.log(result.tools.length);
} else {
  for await (const line of createInterface({ input: process.stdin })) {
    console.log(JSON.stringify(await book(JSON.parse(line))));
  }
}
server.kill();
