import * as v from "valibot";
import { corsHeaders, corsMethods, day, isOrigin, patterns, simpleMethods } from "./patterns.ts";
import { problemText } from "./problem.ts";
import { duration } from "./schema-values.ts";

const origin = v.pipe(
  v.string(),
  v.check(
    isOrigin,
    problemText(
      "is no origin",
      'write it as browsers send it: "https://app.example.com", without a slash at its end; "*" is not possible',
    ),
  ),
);

const header = v.pipe(
  v.string(),
  v.regex(
    patterns.header,
    problemText("is no name of a header", 'write names one by one; "*" is not possible'),
  ),
);

/** Which other origins' scripts may ask for what a rule covers (Fetch, "CORS protocol"). */
export const cors = v.pipe(
  v.strictObject({
    origins: v.pipe(
      v.array(origin),
      v.minLength(1, problemText("names no origin", "name one, or remove cors")),
      v.maxLength(20, problemText("names more than 20 origins", "leave some out")),
      v.description('Origins whose scripts may ask and read the answer: "https://app.example.com".'),
    ),
    credentials: v.pipe(
      v.optional(v.boolean(), false),
      v.description("Whether the visitor's session counts for what they ask (credentials: include)."),
    ),
    methods: v.pipe(
      v.optional(v.array(v.picklist(corsMethods)), [...simpleMethods]),
      v.minLength(1, problemText("names no method", "name one, or remove it: GET, HEAD and POST")),
      v.description("Methods that they may use; GET, HEAD and POST where nothing is said."),
    ),
    headers: v.pipe(
      v.optional(v.array(header), corsHeaders),
      v.maxLength(20, problemText("names more than 20 headers", "leave some out")),
      v.description(
        "Request headers that they may set; Authorization and Content-Type where nothing is said.",
      ),
    ),
    maxAge: v.exactOptional(
      duration(1, day, "between 1s and 24h", "How long a browser may remember the answer to its preflight."),
    ),
  }),
  v.description(
    "Scripts of other origins may ask for what this rule covers; the gate answers their preflights.",
  ),
);
