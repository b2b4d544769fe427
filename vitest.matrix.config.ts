import { defineConfig } from "vitest/config";

/** Every combination of what may go wrong, which is more than `npm test` has time for: `npm run test:matrix`. */
export default defineConfig({
  test: {
    include: ["test/matrix/**/*.test.ts"],
    testTimeout: 30_000,
    hookTimeout: 90_000,
    maxWorkers: 2,
    maxConcurrency: 2,
    disableConsoleIntercept: true,
  },
});
