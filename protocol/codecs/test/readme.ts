import { readFileSync } from "node:fs";

const readme = readFileSync(new URL("../README.md", import.meta.url), "utf8");

/** The examples of the README in TypeScript; what stands behind `// =>` has become an assertion by `expect`. */
export const examples: readonly { readonly title: string; readonly code: string }[] = [
  ...readme.matchAll(/^```ts\n([\s\S]*?)^```$/gm),
].map(([, code = ""], index) => {
  const heading =
    readme
      .slice(0, readme.indexOf(code))
      .match(/^## .+$/gm)
      ?.at(-1) ?? "";
  return {
    title: `${index + 1}, ${heading.replace("## ", "")}`,
    code: code.replace(/^(.+?); \/\/ => (.+)$/gm, "expect($1).toEqual($2);"),
  };
});
