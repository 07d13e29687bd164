import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vitest/config';
import { flags, flagsFolder } from './vite-flags';

export default defineConfig({
  base: '/',
  plugins: [svelte(), flags()],
  define: { __FLAGS_FOLDER__: JSON.stringify(`/${flagsFolder}`) },
  build: {
    // A folder given by --outDir lies outside this one, and a stale asset in it would be embedded.
    emptyOutDir: true,
    // The page may be served under a policy that allows neither data: URLs nor inline scripts.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
  server: {
    // By number: a minimal machine does not know the name localhost, which the test runner would ask for.
    host: '127.0.0.1',
    proxy: { '/api': process.env.FIRSTBYTE_URL ?? 'http://127.0.0.1:8080' },
  },
  test: { include: ['src/**/*.test.ts'] },
});
