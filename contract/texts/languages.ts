/** What the gate's pages are written in; the first is also what stands in the code and what nobody's wish falls back to. */
export const languages = ["en", "de", "fr", "es", "ja", "pt"] as const;

export type Language = (typeof languages)[number];

/** English text → the same in every other language, in the order of `languages`. What is missing is shown in English. */
export type Translations = Readonly<Record<string, readonly string[]>>;
