import { assertEquals } from "@std/assert";
import { OPTIONS_PATH, optionsSource } from "../../scripts/readme/options.ts";

Deno.test("the options of the library are those of the table; if not: deno task readme", async () => {
  const plain = (text: string) => text.replaceAll(/[\s|,]+/g, "");
  assertEquals(plain(await Deno.readTextFile(OPTIONS_PATH)), plain(optionsSource()));
});
