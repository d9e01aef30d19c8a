import { assertEquals } from "@std/assert";
import { withMeta } from "../../../../src/commands/client/metadata.ts";

for (
  const [params, expected] of [
    ["{}", '{"_meta":{"a":1}}'],
    ['{"big":98765432109876543210}', '{"_meta":{"a":1},"big":98765432109876543210}'],
    ['{"_meta":{},"x":1.0}', '{"_meta":{"a":1},"x":1.0}'],
    ['{"_meta": {"b": 2.0}}', '{"_meta": {"a":1,"b": 2.0}}'],
    ['{"_meta":{"a":2}}', '{"_meta":{"a":2}}'],
    ['{"_meta":null}', '{"_meta":null}'],
  ]
) {
  Deno.test(`metadata is added to ${params}, and nothing else changes`, () => {
    assertEquals(withMeta(params, { a: 1 }), expected);
  });
}
