import { randomBytes, randomUUID } from "node:crypto";
import { type CryptoKey, exportJWK, generateKeyPair, type JWK, SignJWT } from "jose";
import type { Clock } from "../../clock.ts";
import type { Account, Repository, WorkflowRun } from "../state/model.ts";
import { subjectOf } from "./subject.ts";

/** A running job that was given `id-token: write`. */
export interface IdTokenJob {
  readonly repository: Repository;
  readonly run: WorkflowRun;
  readonly event: string;
  readonly ref: string;
  readonly sha: string;
  readonly headRef: string;
  readonly baseRef: string;
  readonly refProtected: boolean;
  readonly environment: string | undefined;
  readonly workflowRef: string;
  readonly workflowSha: string;
  readonly actor: Account;
}

const minute = 60;

/** GitHub's OIDC issuer: one RS256 key, and a request token for each job that may ask. */
export class IdTokens {
  readonly #clock: Clock;
  readonly #key: CryptoKey;
  readonly #jwk: JWK;
  readonly #jobs = new Map<string, IdTokenJob>();

  private constructor(clock: Clock, key: CryptoKey, jwk: JWK) {
    this.#clock = clock;
    this.#key = key;
    this.#jwk = jwk;
  }

  static async create(clock: Clock): Promise<IdTokens> {
    const { publicKey, privateKey } = await generateKeyPair("RS256", { extractable: true });
    const jwk = await exportJWK(publicKey);
    return new IdTokens(clock, privateKey, { ...jwk, kid: randomUUID(), alg: "RS256", use: "sig" });
  }

  jwks(): { keys: JWK[] } {
    return { keys: [this.#jwk] };
  }

  /** GitHub's discovery document, as published at /.well-known/openid-configuration. */
  discovery(issuer: string): Record<string, unknown> {
    return {
      issuer,
      jwks_uri: `${issuer}/.well-known/jwks`,
      subject_types_supported: ["public", "pairwise"],
      response_types_supported: ["id_token"],
      claims_supported: [
        "sub",
        "aud",
        "exp",
        "iat",
        "iss",
        "jti",
        "nbf",
        "ref",
        "sha",
        "repository",
        "environment",
      ],
      id_token_signing_alg_values_supported: ["RS256"],
      scopes_supported: ["openid"],
    };
  }

  /** The bearer token of ACTIONS_ID_TOKEN_REQUEST_TOKEN for one job. */
  open(job: IdTokenJob): string {
    const requestToken = randomBytes(32).toString("base64url");
    this.#jobs.set(requestToken, job);
    return requestToken;
  }

  close(requestToken: string): void {
    this.#jobs.delete(requestToken);
  }

  find(requestToken: string): IdTokenJob | undefined {
    return this.#jobs.get(requestToken);
  }

  /**
   * Signs a job's ID token: five minutes, every claim a string but the times.
   * @see https://docs.github.com/actions/reference/security/oidc#oidc-token-claims
   */
  async sign(job: IdTokenJob, issuer: string, audience: string): Promise<string> {
    const { repository, run, workflowRef, workflowSha } = job;
    const now = Math.floor(this.#clock.now() / 1000);
    return new SignJWT({
      jti: randomUUID(),
      sub: subjectOf(job),
      aud: audience,
      ref: job.ref,
      sha: job.sha,
      repository: repository.fullName,
      repository_owner: repository.owner.login,
      repository_owner_id: String(repository.owner.id),
      run_id: String(run.id),
      run_number: String(run.number),
      run_attempt: String(run.attempt ?? 1),
      repository_visibility: repository.visibility,
      repository_id: String(repository.id),
      actor_id: String(job.actor.id),
      actor: job.actor.login,
      workflow: run.workflow.name,
      head_ref: job.headRef,
      base_ref: job.baseRef,
      event_name: job.event,
      ref_protected: String(job.refProtected),
      ref_type: job.ref.startsWith("refs/tags/") ? "tag" : "branch",
      workflow_ref: workflowRef,
      workflow_sha: workflowSha,
      job_workflow_ref: workflowRef,
      job_workflow_sha: workflowSha,
      runner_environment: "github-hosted",
      ...(job.environment === undefined ? {} : { environment: job.environment }),
      iss: issuer,
      nbf: now - 10 * minute,
      iat: now,
      exp: now + 5 * minute,
    })
      .setProtectedHeader({
        alg: "RS256",
        typ: "JWT",
        kid: this.#jwk.kid as string,
        x5t: this.#jwk.kid as string,
      })
      .sign(this.#key);
  }
}
