import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { languages } from "../../../contract/texts/languages.ts";
import { chooseLanguage } from "../../../pages-plugin/src/http/language.ts";

describe("chooseLanguage", () => {
  it.each([
    [null, "en"],
    ["", "en"],
    ["de", "de"],
    ["DE-at", "de"],
    ["pt-BR,pt;q=0.9,en-US;q=0.8,en;q=0.7", "pt"],
    ["zh-Hant-TW, ja;q=0.5, en;q=0.4", "ja"],
    ["nl, sv;q=0.9", "en"],
    ["en;q=0.5, fr;q=0.8", "fr"],
    ["en; q=0.5 , es ; q=0.80", "es"],
    ["fr, de", "fr"],
    ["fr;q=0.3, de;q=0.3", "fr"],
    ["fr;q=0.300, de;q=0.301", "de"],
    ["*", "en"],
    ["*;q=0.5, es;q=0.1", "en"],
    ["en;q=0, *", "de"],
    ["en;q=0.2, *;q=0.1", "en"],
    ["de;q=0", "en"],
    ["de;q=0, fr;q=0.001", "fr"],
    // One variant is refused, another is not.
    ["fr-CA;q=0, fr;q=0.5", "fr"],
    // What is not RFC 9110's grammar is as if it weren't there.
    ["de;q=7, es;q=0.1", "es"],
    ["de;q=-1, es;q=0.1", "es"],
    ["de;q=0.1234, es;q=0.1", "es"],
    ["de q=1, ja;level=1, es;q=0.1", "es"],
    ["constructor, __proto__, es;q=0.1", "es"],
    [";q=1,,;, es", "es"],
  ])("%s: %s", (header, language) => {
    expect(chooseLanguage(header)).toBe(language);
  });

  it("takes the heaviest of the languages that it has, in any order and any spelling", () => {
    const range = fc.record({
      tag: fc.constantFrom(...languages),
      region: fc.constantFrom("", "-AT", "-419", "-Latn-BR"),
      weight: fc.integer({ min: 1, max: 999 }),
    });
    fc.assert(
      fc.property(fc.uniqueArray(range, { selector: ({ weight }) => weight, minLength: 1 }), (ranges) => {
        const header = ranges
          .map(({ tag, region, weight }) => `${tag}${region};q=0.${String(weight).padStart(3, "0")}`)
          .join(", ");
        const heaviest = ranges.reduce((best, one) => (one.weight > best.weight ? one : best));
        expect(chooseLanguage(header)).toBe(heaviest.tag);
      }),
    );
  });

  it("answers anything with a language that it has", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (header) => {
        expect(languages).toContain(chooseLanguage(header));
      }),
    );
  });
});
