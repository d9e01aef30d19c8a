/** The part of the output of `deno info --json` that is used here. */
export interface ModuleGraph {
  readonly modules: readonly { readonly specifier: string }[];
}

interface Component {
  readonly type: "library";
  readonly name: string;
  readonly version: string;
  readonly purl: string;
}

/**
 * The software bill of materials (CycloneDX 1.6, JSON) of a release.
 *
 * @param graph the modules of the program, which include those of the packages it uses
 * @param registry URL of the JSR registry
 * @param version of the release
 */
export function billOfMaterials(
  graph: ModuleGraph,
  registry: string,
  version: string,
): Record<string, unknown> {
  const components = new Map<string, Component>();
  for (const { specifier } of graph.modules) {
    const component = componentOf(specifier, registry);
    if (component) components.set(component.purl, component);
  }
  return {
    bomFormat: "CycloneDX",
    specVersion: "1.6",
    version: 1,
    metadata: {
      component: { type: "application", ...packageOf("npm", "mcp-oauth-proxy", version) },
    },
    components: [...components.values()].sort((a, b) => a.purl < b.purl ? -1 : 1),
  };
}

/** The package that a module belongs to; nothing for our own modules and those of the runtime. */
function componentOf(specifier: string, registry: string): Component | undefined {
  const isJsr = specifier.startsWith(registry);
  const path = isJsr ? specifier.slice(registry.length) : specifier;
  const [, name, version] = (isJsr ? JSR_PATH : NPM_SPECIFIER).exec(path) ?? [];
  return name ? { type: "library", ...packageOf(isJsr ? "jsr" : "npm", name, version) } : undefined;
}

const JSR_PATH = /^(@[^/]+\/[^/]+)\/([^/]+)\//;
const NPM_SPECIFIER = /^npm:\/(@[^/@]+\/[^/@]+|[^/@]+)@([^/_]+)/;

function packageOf(type: "npm" | "jsr", name: string, version: string) {
  // The package URL specification encodes the @ of a scope.
  return { name, version, purl: `pkg:${type}/${name.replace("@", "%40")}@${version}` };
}
