import { assert, assertEquals, assertThrows } from "@std/assert";
import { olderLog, openLogFile } from "../../../src/runtime/log_file.ts";
import { withFolder } from "../../parts/run_command.ts";

const isPosix = Deno.build.os !== "windows";

const linesOf = (path: string) => Deno.readTextFileSync(path).trimEnd().split("\n");

Deno.test("a log file is appended to, and only the user can read it", () =>
  withFolder((folder) => {
    const path = `${folder}/log`;
    Deno.writeTextFileSync(path, "before\n", { mode: 0o644 });
    openLogFile(path)("after\n");
    assertEquals(linesOf(path), ["before", "after"]);
    if (isPosix) assertEquals(Deno.statSync(path).mode! & 0o777, 0o600);
  }));

Deno.test("a full log file replaces the older one, so that there are at most two", () =>
  withFolder((folder) => {
    const path = `${folder}/log`;
    const write = openLogFile(path, 100);
    for (let n = 0; n < 100; n++) write(`line ${n}\n`);
    assertEquals([...Deno.readDirSync(folder)].map(({ name }) => name).sort(), ["log", "log.1"]);
    const lines = [...linesOf(olderLog(path)), ...linesOf(path)];
    assertEquals(lines.at(-1), "line 99");
    assert(lines.length > 10 && lines.length < 30, String(lines.length));
    for (const file of [path, olderLog(path)]) assert(Deno.statSync(file).size <= 100);
    if (isPosix) assertEquals(Deno.statSync(path).mode! & 0o777, 0o600);
  }));

Deno.test("processes that share a log file lose no line when one of them makes room", () =>
  withFolder((folder) => {
    const path = `${folder}/log`;
    const writers = [openLogFile(path, 1_000), openLogFile(path, 1_000)];
    for (let n = 0; n < 150; n++) writers[n % 2](`line ${n}\n`);
    const lines = [...linesOf(olderLog(path)), ...linesOf(path)];
    assertEquals(
      lines,
      Array.from({ length: lines.length }, (_, n) => `line ${150 - lines.length + n}`),
    );
    assert(lines.length >= 100, String(lines.length));
  }));

Deno.test("a log file that cannot be written is an error with its path", () =>
  withFolder((folder) => {
    assertThrows(() => openLogFile(`${folder}/none/log`), Error, "none/log cannot be written");
    assertThrows(() => openLogFile(folder), Error, "it is not a regular file");
    if (!isPosix) return;
    Deno.writeTextFileSync(`${folder}/other`, "mine");
    Deno.symlinkSync(`${folder}/other`, `${folder}/link`);
    assertThrows(() => openLogFile(`${folder}/link`), Error, "it is not a regular file");
  }));
