import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    exclude: ["**/node_modules/**", "**/testdata/**", "test/matrix/**"],
    testTimeout: 30_000,
    hookTimeout: 90_000,
    maxWorkers: 3,
    restoreMocks: true,
  },
});
