import { type Clock, defineCommand, defineErrors, readSecret, usageError } from "@storeward/runtime";
import { type CheckedItems, checkItems } from "./items/check-items.js";
import { CloudClient } from "./items/cloud-client.js";
import type { LineProblem } from "./items/columns.js";
import { loadItems } from "./items/load-items.js";
import { readItemsFile } from "./items/read-csv.js";
import { loadSite } from "./site-file.js";
import type { Terminal } from "./terminal.js";

const E = defineErrors({
  ITEMS_INVALID: { template: "{file}: nothing was loaded, {count} bad {lines}", status: 400, retryable: false },
});

/** `storeward-provision items` */
export function itemsCommand(terminal: Terminal, clock: Clock) {
  return defineCommand({
    description: "Check a list of items, and load it into the cloud",
    usage: "--items FILE --site FILE [--cloud URL --password-file FILE] [--dry-run]",
    options: {
      items: { type: "string", description: "The list: epc,name,kind,gtin,giai,home", placeholder: "FILE" },
      site: { type: "string", description: "The description of the site", placeholder: "FILE" },
      cloud: { type: "string", description: "Load into this cloud: http://localhost:8080", placeholder: "URL" },
      username: { type: "string", description: "Administrator who loads", placeholder: "NAME", default: "admin" },
      "password-file": { type: "string", description: "File with the administrator's password", placeholder: "FILE" },
      "dry-run": { type: "boolean", description: "Check only, also by the cloud where one is named" },
      insecure: { type: "boolean", description: "Allow plain HTTP to a cloud on another machine" },
    },
    run: async ({ values }) => {
      const { items: file, site, cloud: url, username, insecure } = values;
      const dryRun = values["dry-run"] === true;
      const passwordFile = values["password-file"];
      if (file === undefined || site === undefined) throw usageError("--items FILE and --site FILE are needed");
      if (url === undefined && !dryRun) throw usageError("name the cloud to load into, --cloud URL, or use --dry-run");
      if (url !== undefined && !isHttp(url)) throw usageError(`--cloud must be as http://localhost:8080, not ${url}`);
      if (url !== undefined && passwordFile === undefined) throw usageError("--cloud needs --password-file FILE");

      const checked = checkItems(readItemsFile(file), loadSite(site));
      report(terminal, file, checked.problems);
      if (url === undefined || passwordFile === undefined || isBad(checked)) {
        refuse(file, checked.problems);
        return terminal.out(`${count(checked.items.length)} checked, nothing was loaded`);
      }
      const { value: password, exposed } = readSecret(passwordFile);
      if (exposed) terminal.err(`${passwordFile} may be read by others: chmod 600 it`);
      const client = new CloudClient({ url, username, password, insecure }, clock, (problem) =>
        terminal.progress(problem),
      );
      await client.signIn();
      try {
        const total = count(checked.items.length);
        const loaded = await loadItems(client, checked.items, {
          dryRun,
          onProgress: (done, loading) => terminal.progress(`${loading ? "loaded" : "tried"} ${done} of ${total}`),
        });
        report(terminal, file, loaded.problems);
        refuse(file, loaded.problems);
        const { created, changed, unchanged } = loaded;
        if (dryRun)
          terminal.out(
            `${total} tried, nothing was loaded: ${created} to create, ${changed} to change, ${unchanged} unchanged`,
          );
        else terminal.out(`${total}: ${created} created, ${changed} changed, ${unchanged} unchanged`);
      } finally {
        await client.signOut();
      }
    },
  });
}

function isBad({ problems }: CheckedItems): boolean {
  return problems.some(({ warning }) => !warning);
}

function report(terminal: Terminal, file: string, problems: readonly LineProblem[]): void {
  for (const { line, message, warning } of problems)
    terminal.err(`${file}:${line} ${warning ? "warning: " : ""}${message}`);
}

function refuse(file: string, problems: readonly LineProblem[]): void {
  const bad = new Set(problems.filter(({ warning }) => !warning).map(({ line }) => line)).size;
  if (bad > 0) throw E.ITEMS_INVALID({ file, count: bad, lines: bad === 1 ? "line" : "lines" });
}

function count(items: number): string {
  return items === 1 ? "1 item" : `${items} items`;
}

function isHttp(url: string): boolean {
  return URL.canParse(url) && /^https?:$/.test(new URL(url).protocol);
}
