import { fileURLToPath } from "node:url";
import preact from "@preact/preset-vite";
import { defineConfig } from "vite";

export default defineConfig({
  root: fileURLToPath(new URL("web", import.meta.url)),
  plugins: [preact({ prefreshEnabled: false, reactAliasesEnabled: false })],
  // `npx vite --config dashboards/vite.config.js` shows the page as it is written, with the API of a running box.
  server: { proxy: { "/api": `http://127.0.0.1:${process.env.STOREWARD_PORT ?? 8080}` } },
  build: {
    outDir: "../dist",
    emptyOutDir: true,
    target: "es2022",
    // The page's content security policy allows scripts and styles from files of this origin only.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
});
