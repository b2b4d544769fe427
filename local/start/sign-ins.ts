import { launchBrowser } from "../browser/launch.ts";
import { signIn } from "../browser/sign-in.ts";
import type { World } from "../world/world.ts";

export interface SignInResult {
  readonly as: "reviewer" | "admin" | "outsider" | "guest";
  readonly path: string;
  /** Status of the page where it ended; 0 where it ended nowhere. */
  readonly status: number;
  readonly expected: number;
}

const attempts = [
  { as: "reviewer", path: "/docs/#arrivals", expected: 200 },
  { as: "reviewer", path: "/admin/", expected: 403 },
  { as: "admin", path: "/admin/", expected: 200 },
  { as: "outsider", path: "/", expected: 403 },
  { as: "guest", path: "/", expected: 403 },
] as const;

/** Signs in at the preview with Chromium, each time in a new profile, as people would. */
export async function signInAsEverybody(
  world: World,
  preview: string,
  onResult: (result: SignInResult) => void,
): Promise<SignInResult[]> {
  const results: SignInResult[] = [];
  const browser = await launchBrowser();
  try {
    for (const attempt of attempts) {
      const { name } = world.entra.cast.people[attempt.as];
      const status = await signIn(browser, preview + attempt.path, name).then(
        async ({ status, context }) => {
          await context.close();
          return status;
        },
        () => 0,
      );
      results.push({ ...attempt, status });
      onResult({ ...attempt, status });
    }
  } finally {
    await browser.close();
  }
  return results;
}
