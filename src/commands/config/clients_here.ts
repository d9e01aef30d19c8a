import { dirname } from "node:path";
import type { Host } from "../../runtime/types.ts";
import { entriesIn, filesOf, startsProxy } from "../from_client/client_file.ts";
import { definitions } from "../help/definitions.ts";
import { CLIENT_NAMES, type ClientName } from "../names.ts";
import { wrap } from "../wrap.ts";
import { CLIENTS } from "./clients.ts";

/** The clients on this machine. */
export interface ClientsHere {
  /** What is printed: each client with its files and the entries that start the proxy. */
  readonly found: string;
  /** The first client. */
  readonly first?: ClientName;
}

/** Looks for the files and folders of all clients. */
export async function clientsHere(machine: Host): Promise<ClientsHere> {
  const rows: [name: ClientName, found: string][] = [];
  for (const name of CLIENT_NAMES) {
    const { user, project } = filesOf(CLIENTS[name], machine);
    const files: string[] = [];
    for (const file of [project, user]) {
      if (file && await machine.exists(file)) files.push(await described(name, file, machine));
    }
    // A client that has never had a server has its folder, unless that is the home folder itself.
    const folder = dirname(user);
    if (files.length === 0 && folder !== machine.homeFolder() && await machine.exists(folder)) {
      files.push(`${user} (does not exist yet)`);
    }
    if (files.length > 0) rows.push([name, `${CLIENTS[name].title}: ${files.join("; ")}`]);
  }
  const columns = machine.columns() ?? 80;
  if (rows.length === 0) {
    const names = CLIENT_NAMES.join(", ");
    const text = `Found no MCP client on this machine. The clients that config knows: ${names}`;
    return { found: `${wrap(text, columns).join("\n")}\n` };
  }
  return {
    found: `MCP clients on this machine:\n${definitions(rows, columns)}`,
    first: rows[0][0],
  };
}

/** A file, and the entries in it that start the proxy. */
async function described(name: ClientName, file: string, machine: Host): Promise<string> {
  try {
    const text = await machine.readIfThere(file) ?? "";
    const entries = await entriesIn(text, file, name, machine.currentFolder());
    const names = entries.filter(startsProxy).map(({ name }) => name);
    return names.length === 0 ? file : `${file} (has ${names.join(", ")})`;
  } catch {
    return `${file} (${CLIENTS[name].title} cannot read it)`;
  }
}
