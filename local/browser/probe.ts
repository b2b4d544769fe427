import { launchBrowser } from "./launch.ts";

/** Exit code 0 where the browser starts on this machine. */
try {
  await (await launchBrowser()).close();
} catch (error) {
  console.error((error as Error).message);
  process.exitCode = 1;
}
