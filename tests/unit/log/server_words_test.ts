import { assertEquals } from "@std/assert";
import { isPage, serverWords } from "../../../src/log/server_words.ts";

Deno.test("the explanation is found in the usual error formats of servers", () => {
  const shapes: [body: string, words: string | undefined][] = [
    ["", undefined],
    ["{}", "{}"],
    ["Invalid Host header\n", "Invalid Host header"],
    ['{"error":"invalid_request","error_description":"no tenant"}', "no tenant"],
    ['{"error":"forbidden"}', "forbidden"],
    ['{"error":{"message":"quota","code":7}}', "quota"],
    ['{"errorSummary":"okta says"}', "okta says"],
    ['{"fault":1,"detail":"apigee"}', "apigee"],
    ["<!DOCTYPE html><head><title>Access  denied</title>", "Access denied"],
    ["<html><body>no title", undefined],
  ];
  for (const [body, words] of shapes) assertEquals(serverWords(body), words, body);
});

Deno.test("the explanation is short, on one line, and cannot control a terminal", () => {
  const words = serverWords(`\u001b[2J${"word\n".repeat(100_000)}`);
  assertEquals(words?.length, 201);
  assertEquals(/[\p{Cc}]/u.test(words ?? ""), false);
});

Deno.test("an HTML page is recognized by its start", () => {
  assertEquals([" <!doctype html>", "<HTML lang=en>", "{}", "<xml>"].map(isPage), [
    true,
    true,
    false,
    false,
  ]);
});
