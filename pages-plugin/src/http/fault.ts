/**
 * A refusal or fault on its way to the one place that answers it.
 *
 * `code` is a key of the error table of the role that throws it; `detail` is for the log only and never holds a
 * token, a cookie or a secret.
 */
export class GateFault extends Error {
  override readonly name = "GateFault";
  readonly code: string;
  readonly detail: string;

  constructor(code: string, detail = "", options?: ErrorOptions) {
    super(detail === "" ? code : `${code}: ${detail}`, options);
    this.code = code;
    this.detail = detail;
  }
}
