import { svelte } from "@sveltejs/vite-plugin-svelte";
import { defineConfig } from "vite";

// Stable names: a rebuild of the same source gives the same files.
export default defineConfig({
  plugins: [svelte()],
  base: "./",
  build: {
    outDir: "../src/bowlby/practice/page",
    emptyOutDir: true,
    modulePreload: { polyfill: false },
    rollupOptions: {
      output: {
        entryFileNames: "assets/room.js",
        chunkFileNames: "assets/[name].js",
        assetFileNames: "assets/[name][extname]",
      },
    },
  },
});
