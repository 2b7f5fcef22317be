import { fileURLToPath } from "node:url";
import preact from "@preact/preset-vite";
import { defineConfig } from "vite";

export default defineConfig({
  root: fileURLToPath(new URL("web", import.meta.url)),
  plugins: [preact({ prefreshEnabled: false, reactAliasesEnabled: false })],
  build: {
    outDir: "../dist",
    emptyOutDir: true,
    target: "es2022",
    // The page's content security policy allows scripts and styles from files of this origin only.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
});
