import { randomBytes } from "node:crypto";
import { jwtVerify, SignJWT } from "jose";
import * as v from "valibot";
import type { AccountState } from "../state/state.ts";
import { type ApiResult, errors } from "./envelope.ts";
import { type ApiRequest, jsonBody } from "./request.ts";

/** First 32 hex digits of the file's BLAKE3. */
const hash = v.pipe(v.string(), v.regex(/^[0-9a-f]{32}$/));
const hashes = v.strictObject({ hashes: v.array(hash) });
const files = v.array(
  v.strictObject({
    key: hash,
    value: v.pipe(v.string(), v.base64()),
    metadata: v.strictObject({ contentType: v.string() }),
    base64: v.literal(true),
  }),
);

const tokenSeconds = 300;

/** `…/upload-token` and `/pages/assets/*`: files go to the account before the deployment that names them. */
export class Uploads {
  readonly #state: AccountState;
  readonly #secret = randomBytes(32);

  constructor(state: AccountState) {
    this.#state = state;
  }

  async token(): Promise<ApiResult> {
    const now = Math.floor(this.#state.clock.now() / 1_000);
    const jwt = await new SignJWT({ max_file_count_allowed: 20_000 })
      .setProtectedHeader({ alg: "HS256" })
      .setIssuedAt(now)
      .setExpirationTime(now + tokenSeconds)
      .sign(this.#secret);
    return { result: { jwt } };
  }

  /** @throws ApiError 8000013 where it isn't an upload token or is too old */
  async authorize(request: ApiRequest): Promise<void> {
    const jwt = /^Bearer (.+)$/.exec(request.headers.authorization ?? "")?.[1] ?? "";
    const currentDate = new Date(this.#state.clock.now());
    await jwtVerify(jwt, this.#secret, { currentDate, algorithms: ["HS256"] }).catch(() => {
      throw errors.uploadToken();
    });
  }

  async missing(request: ApiRequest): Promise<ApiResult> {
    const asked = await jsonBody(request, hashes);
    return { result: asked.hashes.filter((key) => !this.#state.assets.has(key)) };
  }

  async store(request: ApiRequest): Promise<ApiResult> {
    const sent = await jsonBody(request, files);
    for (const { key, value, metadata } of sent)
      this.#state.assets.set(key, { bytes: Buffer.from(value, "base64"), contentType: metadata.contentType });
    return { result: { successful_key_count: sent.length, unsuccessful_keys: [] } };
  }

  async keep(request: ApiRequest): Promise<ApiResult> {
    await jsonBody(request, hashes);
    return { result: null };
  }
}
