import { expect, test } from "vitest";
import { errors } from "../../../contract/errors/index.ts";
import { siteErrors } from "../../../contract/errors/site.ts";
import { explain } from "../../../pages-plugin/src/cli/explain.ts";
import { faultTexts } from "../../../pages-plugin/src/cli/fault-texts.ts";

const reference = "7KQ2M-4XPVE";
const unread = () => Promise.reject(new Error("no log is needed"));
const event = { class_uid: 6001, status_code: "not-admitted", metadata: { correlation_uid: reference } };
const other = { class_uid: 6001, status_code: "no-rule", metadata: { correlation_uid: "00000-00000" } };

test("a code is explained by what the operator needs", async () => {
  const text = await explain("not-admitted", unread);
  expect(text).toContain(siteErrors["not-admitted"].operator);
  expect(text).toContain("HTTP 403");
  expect(await explain("artifact-missing", unread)).not.toContain("HTTP");
});

test("what the command itself ends with is explained, too, beside what the code means elsewhere", async () => {
  expect(await explain("group-unknown", unread)).toContain(faultTexts["group-unknown"]);
  const shared = Object.keys(faultTexts).filter((code) => Object.hasOwn(errors, code));
  expect(shared).not.toEqual([]);
  for (const code of shared) {
    const text = await explain(code, unread);
    expect(text).toContain(errors[code as keyof typeof errors].operator);
    expect(text).toContain(faultTexts[code as keyof typeof faultTexts]);
  }
});

test("a decision's reason is explained as the answer to it", async () => {
  expect(await explain("sign-in", unread)).toContain("sign-in-required");
});

test("a reference is found in the gate's own lines", async () => {
  const line = JSON.stringify({ level: "error", code: "keys-unavailable", reference });
  const log = async () => `starting\n${JSON.stringify(other)}\n${line}\n`;
  expect(await explain(reference, log)).toMatch(/^keys-unavailable/);
  expect(await explain(reference.toLowerCase(), log)).toMatch(/^keys-unavailable/);
});

test("a reference is found in a tail's JSON, and its neighbours in the same line are not", async () => {
  const tail = JSON.stringify({
    logs: [{ message: [JSON.stringify(other)] }, { message: [JSON.stringify(event)] }],
  });
  const text = await explain(reference, async () => tail);
  expect(text).toMatch(/^not-admitted/);
  expect(text).not.toContain("no-rule");
});

test.each([
  ["7KQ2M-4XPVE", "reference-unknown"],
  ["no-such-code", "code-unknown"],
  ["constructor", "code-unknown"],
  ["__proto__", "code-unknown"],
])("what nobody knows is said to be so: %s", async (asked, code) => {
  const log = async () => `{"status_code":"made-up","reference":"7KQ2M-4XPVE"}`;
  await expect(explain(asked, log)).rejects.toMatchObject({ code });
});
