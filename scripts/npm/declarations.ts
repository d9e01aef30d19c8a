import { posix } from "node:path";
import ts from "typescript";
import { RUNTIME_DEPENDENCIES } from "./package_json.ts";

/**
 * The type declarations of a module, and of all that they mention, as the text of one `.d.ts` file.
 *
 * Starts at the names the module exports, and takes in each declaration that one already taken
 * mentions. Only the module's own names are exported. Each source is translated by itself, which
 * needs explicit types on all exports; JSR asks for the same ("no slow types").
 *
 * @param entryPoint path of the module, such as `mod.ts`; exports names of other sources only
 * @throws {Error} if an export has no explicit type, two sources declare the same name, an import
 *   renames, or a type comes from a package that is not installed with ours
 */
export async function bundleDeclarations(entryPoint: string): Promise<string> {
  const sources = new Map<string, Source>();
  const imports = new Set<string>();
  const texts: string[] = [];
  const owners = new Map<string, string>();

  async function take(path: string, name: string): Promise<void> {
    const source = sources.get(path) ?? await readSource(path);
    sources.set(path, source);
    const origin = source.origins.get(name);
    if (origin?.specifier.startsWith(".")) {
      return await take(posix.join(posix.dirname(path), origin.specifier), name);
    }
    if (origin) {
      if (!isInstalled(origin.specifier)) throw new Error(`${path}: types mention ${name}`);
      imports.add(origin.text);
      return;
    }
    const statements = source.declarations.get(name);
    if (!statements || owners.get(name) === path) return;
    if (owners.has(name)) throw new Error(`${name} is in both ${owners.get(name)} and ${path}`);
    owners.set(name, path);
    for (const statement of statements) {
      texts.push(statement.getFullText().trim().replace(/^export /m, ""));
      for (const mention of mentionsOf(statement)) await take(path, mention);
    }
  }

  const entry = await readSource(entryPoint);
  for (const name of entry.origins.keys()) await take(entryPoint, name);
  return [...imports, ...texts, ...entry.exports].join("\n") + "\n";
}

/** What the top level of a source says. */
interface Source {
  /** Declarations by name; overloads have several. */
  declarations: Map<string, ts.Statement[]>;
  /** Where the names come from that it imports or re-exports. */
  origins: Map<string, { specifier: string; text: string }>;
  /** Its re-exports, as exports: `export { A };` for `export { A } from "./a.ts"`. */
  exports: string[];
}

async function readSource(path: string): Promise<Source> {
  const source: Source = { declarations: new Map(), origins: new Map(), exports: [] };
  for (const statement of await translate(path)) {
    const specifier = specifierOf(statement);
    if (specifier !== undefined) {
      const origin = { specifier, text: statement.getText() };
      for (const name of boundNames(statement, path)) source.origins.set(name, origin);
      if (ts.isExportDeclaration(statement)) {
        source.exports.push(origin.text.replace(/ from .*/, ";"));
      }
    }
    for (const name of declaredNames(statement)) {
      source.declarations.set(name, [...source.declarations.get(name) ?? [], statement]);
    }
  }
  return source;
}

async function translate(fileName: string): Promise<readonly ts.Statement[]> {
  const { outputText, diagnostics = [] } = ts.transpileDeclaration(
    await Deno.readTextFile(fileName),
    {
      fileName,
      reportDiagnostics: true,
      compilerOptions: {
        target: ts.ScriptTarget.ESNext,
        module: ts.ModuleKind.NodeNext,
        isolatedDeclarations: true,
        stripInternal: true,
      },
    },
  );
  for (const { messageText } of diagnostics) {
    throw new Error(`${fileName}: ${ts.flattenDiagnosticMessageText(messageText, "\n")}`);
  }
  return ts.createSourceFile(fileName, outputText, ts.ScriptTarget.ESNext, true).statements;
}

/** What an import or a re-export is from. */
function specifierOf(statement: ts.Statement): string | undefined {
  if (!ts.isImportDeclaration(statement) && !ts.isExportDeclaration(statement)) return undefined;
  const { moduleSpecifier } = statement;
  return moduleSpecifier && ts.isStringLiteral(moduleSpecifier) ? moduleSpecifier.text : undefined;
}

/** Names that an import or a re-export binds. One file has one scope, so none is renamed. */
function boundNames(statement: ts.Statement, path: string): string[] {
  const names = ts.isImportDeclaration(statement)
    ? statement.importClause?.namedBindings
    : ts.isExportDeclaration(statement)
    ? statement.exportClause
    : undefined;
  if (names === undefined) throw new Error(`${path}: ${statement.getText()} names nothing`);
  if (ts.isNamespaceImport(names) || ts.isNamespaceExport(names)) return [names.name.text];
  return names.elements.map(({ name, propertyName }) => {
    if (propertyName) throw new Error(`${path}: ${propertyName.text} is renamed`);
    return name.text;
  });
}

function declaredNames(statement: ts.Statement): string[] {
  if (ts.isVariableStatement(statement)) {
    return statement.declarationList.declarations.map(({ name }) => name.getText());
  }
  const { name } = statement as ts.DeclarationStatement;
  return name && !ts.isImportDeclaration(statement) ? [name.text] : [];
}

function mentionsOf(node: ts.Node): Set<string> {
  const names = new Set<string>();
  const visit = (node: ts.Node) => {
    if (ts.isIdentifier(node)) names.add(node.text);
    ts.forEachChild(node, visit);
  };
  visit(node);
  return names;
}

function isInstalled(specifier: string): boolean {
  return RUNTIME_DEPENDENCIES.some((name) =>
    specifier === name || specifier.startsWith(`${name}/`)
  );
}
