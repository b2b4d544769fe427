import { defineConfig } from "vitest/config";
import { BaseSequencer, type TestSpecification } from "vitest/node";

/** Whole runs and the browser take minutes: begun last, they would be waited for by everything else. */
const longest = [/\/test\/browser\//, /\/test\/integration\//];

class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({ moduleId }: TestSpecification): number => {
      const at = longest.findIndex((path) => path.test(moduleId));
      return at < 0 ? longest.length : at;
    };
    const usual = await super.sort(files);
    return usual.toSorted((a, b) => rank(a) - rank(b));
  }
}

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    exclude: ["**/node_modules/**", "**/testdata/**", "test/matrix/**"],
    testTimeout: 30_000,
    hookTimeout: 90_000,
    // Of two processors: whole runs wait for much of their time.
    maxWorkers: 3,
    sequence: { sequencer: LongestFirst },
    restoreMocks: true,
  },
});
