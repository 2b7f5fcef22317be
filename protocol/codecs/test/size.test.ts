import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { build } from "vite";
import { expect, it } from "vitest";

const entryOf = (name: string) => fileURLToPath(new URL(`../src/${name}/index.ts`, import.meta.url));

/** One codec whole, as an application's build minifies it; library mode would keep white space. */
async function minified(name: string): Promise<{ code: string; imports: readonly string[] }> {
  const built = await build({
    configFile: false,
    logLevel: "silent",
    build: {
      write: false,
      minify: true,
      target: "es2022",
      modulePreload: false,
      rolldownOptions: { input: entryOf(name), preserveEntrySignatures: "strict", output: { format: "es" } },
    },
  });
  const outputs = (Array.isArray(built) ? built : [built]).flatMap((one) => ("output" in one ? one.output : []));
  const [chunk, ...others] = outputs;
  if (chunk?.type !== "chunk" || others.length > 0) throw new Error("one chunk was to come out");
  return { code: chunk.code, imports: [...chunk.imports, ...chunk.dynamicImports] };
}

it.each([
  ["llrp", 25],
  ["epc", 15],
  ["epc-pattern", 15],
  ["gs1", 20],
])("%s is at most %d kB, minified and gzipped, and imports nothing", async (name, kilobytes) => {
  const { code, imports } = await minified(name);
  expect(imports).toEqual([]);
  expect(gzipSync(code, { level: 9 }).length).toBeLessThanOrEqual(kilobytes * 1000);
  expect(code.length).toBeGreaterThan(10_000);
});

it("an application that takes one function gets no more than that needs", async () => {
  const virtual = "\0one";
  const built = await build({
    configFile: false,
    logLevel: "silent",
    plugins: [
      {
        name: "one",
        resolveId: (id) => (id === "one" ? virtual : null),
        load: (id) =>
          id === virtual
            ? `import { gs1CheckDigit } from ${JSON.stringify(entryOf("gs1"))}; console.log(gs1CheckDigit("1"))`
            : null,
      },
    ],
    build: { write: false, minify: true, modulePreload: false, rolldownOptions: { input: "one" } },
  });
  const code = (Array.isArray(built) ? built : [built]).flatMap((one) =>
    "output" in one ? one.output.map((part) => (part.type === "chunk" ? part.code : "")) : [],
  );
  expect(code.join("").length).toBeLessThan(2000);
});
