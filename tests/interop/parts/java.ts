import { compileJava, installMaven } from "./install.ts";
import {
  type PairClient,
  type PairServer,
  programClient,
  programServer,
  type Seen,
} from "./pairs.ts";
import { JAVA } from "./program.ts";

// The official Java SDK, as client and as server. It speaks 2025-11-25 only.

const VERSION = "2.1.0";

/** The SDK has no way to cancel a request, and does not tell a tool that its call was cancelled. */
const WITHOUT_CANCELLATION = (_seen: Seen) => ["cancellation"];

/** Compiles the programs, which needs a JDK and Maven. */
export async function javaPairs(): Promise<{ clients: PairClient[]; servers: PairServer[] }> {
  const folder = await installMaven("mcp", [
    `io.modelcontextprotocol.sdk:mcp:${VERSION}`,
    "org.apache.tomcat.embed:tomcat-embed-core:10.1.48",
    "com.nimbusds:nimbus-jose-jwt:10.5",
    "org.slf4j:slf4j-nop:2.0.17",
  ]);
  const program = async (name: string) => {
    const file = new URL(import.meta.resolve(`../java/${name}.java`)).pathname;
    return ["java", ...JAVA, ...await compileJava(folder, file), name];
  };
  const name = `Java SDK ${VERSION}`;
  return {
    clients: [programClient(name, await program("JavaClient"), WITHOUT_CANCELLATION)],
    servers: [
      programServer(name, "2025-11-25", await program("JavaServer"), WITHOUT_CANCELLATION),
    ],
  };
}
