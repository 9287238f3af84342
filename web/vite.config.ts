import { defineConfig } from 'vitest/config';

export default defineConfig({
  build: {
    // The gateway's content security policy allows files of our own only.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
  css: {
    preprocessorOptions: { scss: { loadPaths: ['.', 'node_modules'], quietDeps: true } },
    lightningcss: { errorRecovery: true },
  },
  server: {
    // `npm run dev` beside a running `fosterwatch serve`.
    proxy: {
      '^/(fosterwatch\\.|signin|signout)': 'http://127.0.0.1:8410',
    },
  },
  // What a test asserts is no time: a busy machine may take long over it.
  test: { include: ['src/**/*.test.ts'], testTimeout: 60_000 },
});
