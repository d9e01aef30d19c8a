/**
 * The authorization server and the MCP server that every contender talks to: one process, one
 * loopback port, written as its first line. It leaves when its stdin closes, that is, with the bench.
 */
import type { AddressInfo } from "node:net";
import process from "node:process";
import { answer } from "./answers.ts";
import { httpServer } from "./http.ts";

const server = httpServer(answer);
server.listen(0, "127.0.0.1", () => console.log((server.address() as AddressInfo).port));
process.stdin.on("end", () => process.exit(0)).resume();
