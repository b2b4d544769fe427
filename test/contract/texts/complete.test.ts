import { describe, expect, test } from "vitest";
import { hostTexts } from "../../../contract/texts/host.ts";
import { languages, type Translations } from "../../../contract/texts/languages.ts";
import { siteTexts } from "../../../contract/texts/site.ts";

const all: Translations = { ...siteTexts, ...hostTexts };

/** What is the same in two languages and right in both. */
const loanwords = new Set(["Continuar", "Destino"]);

/** Words by which a text left in English shows itself. */
const english = /\b(the|you|this|please|sign|page|site|to|with|again)\b/i;

describe.each(Object.entries(all))("%s", (text, others) => {
  test("is said in every language, in its own words", () => {
    expect(others).toHaveLength(languages.length - 1);
    const said = [text, ...others].filter((one) => !loanwords.has(one));
    expect(new Set(said).size).toBe(said.length);
    for (const [index, one] of others.entries()) {
      expect(one.trim()).toBe(one);
      expect(one).not.toBe("");
      const language = languages[index + 1];
      // "site" is French and Portuguese, too.
      if (language !== "fr" && language !== "pt") expect(one).not.toMatch(english);
      if (language === "ja") expect(one).toMatch(/[\u3040-\u30ff\u4e00-\u9fff]/);
      else expect(one).toMatch(/^[\p{Script=Latin}\p{P}\p{Zs}\d¿?]+$/u);
    }
  });

  test("ends as a sentence everywhere or nowhere", () => {
    const sentence = (one: string) => /[.。]$/.test(one);
    expect(others.map(sentence)).toEqual(others.map(() => sentence(text)));
  });

  test("is not written with a typewriter's apostrophe", () => {
    for (const one of [text, ...others]) expect(one).not.toMatch(/['"]/);
  });
});
