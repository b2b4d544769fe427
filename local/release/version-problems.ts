/** Every file that names the version, and where in it. */
const places: readonly (readonly [string, RegExp])[] = [
  ["package.json", /^ {2}"version": "([^"]+)"/m],
  ["pages-plugin/package.json", /^ {2}"version": "([^"]+)"/m],
  ["src/version.ts", /version = "([^"]+)"/],
  ["pages-plugin/src/http/version.ts", /version = "([^"]+)"/],
  ["CHANGELOG.md", /^## \[(\d[^\]]*)\]/m],
];

/**
 * What keeps a tag from being released: each file that names another version, all at once.
 *
 * @param tag `v1.2.3`
 */
export function versionProblems(tag: string, read: (path: string) => string): string[] {
  const version = /^v(\d+\.\d+\.\d+)$/.exec(tag)?.[1];
  if (version === undefined) return [`${JSON.stringify(tag)} is no tag of a release: write v1.2.3.`];
  return places.flatMap(([path, shape]) => {
    const found = shape.exec(read(path))?.[1];
    return found === version ? [] : [`${path} says ${found ?? "nothing"}, the tag ${version}.`];
  });
}
