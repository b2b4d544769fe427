import { type Language, languages } from "../../../contract/texts/languages.ts";

/**
 * The language to answer in (RFC 9110 section 12.5.4, matched by "lookup" as in RFC 4647 section 3.4: `pt-BR` finds
 * `pt`). Of equal weights the one named first wins; `*` stands for whatever is not named. Where nothing fits: English.
 *
 * @param header the request's Accept-Language, or null where there is none
 */
export function chooseLanguage(header: string | null): Language {
  const weights = new Map<string, number>();
  for (const range of (header ?? "").split(",")) {
    const [, tag, q = "1"] =
      /^\s*([a-z]+|\*)(?:-[a-z\d-]+)?\s*(?:;\s*q=([01](?:\.\d{0,3})?)\s*)?$/i.exec(range) ?? [];
    if (!tag) continue;
    const language = tag.toLowerCase();
    weights.set(language, Math.max(weights.get(language) ?? 0, Math.min(Number(q), 1)));
  }
  let best: Language = "en";
  let most = 0;
  for (const [tag, weight] of weights) {
    const language = languages.find((one) => one === tag || (tag === "*" && !weights.has(one)));
    if (language && weight > most) {
      best = language;
      most = weight;
    }
  }
  return best;
}
