/** What the stand-in knows of a repository. Git holds the commits; the rest is here, in memory. */

export interface Account {
  readonly login: string;
  readonly id: number;
  readonly type: "User" | "Bot" | "Organization";
}

export type RepositoryPermission = "admin" | "write" | "read" | "none";

export interface Environment {
  readonly id: number;
  readonly name: string;
  /** Refs that may deploy to it: every ref, protected branches only, or name patterns; a tag's is `refs/tags/<pattern>`. */
  branches: "all" | "protected" | readonly string[];
  /** Ids of the patterns, as the API tells them. */
  readonly patternIds: Map<string, number>;
  /** Minutes that a job waits before it begins. */
  waitTimer: number;
  /** Of whom one has to agree before a job begins. */
  reviewers: readonly { readonly type: "User" | "Team"; readonly id: number }[];
  preventSelfReview: boolean;
  readonly variables: Map<string, string>;
  readonly secrets: Map<string, string>;
  readonly createdAt: number;
}

export interface PullRequest {
  readonly id: number;
  readonly number: number;
  title: string;
  readonly user: Account;
  readonly head: { readonly repository: Repository; readonly branch: string };
  headSha: string;
  readonly base: string;
  state: "open" | "closed";
  mergedAt: number | undefined;
  mergeCommit: string | undefined;
  readonly labels: Set<string>;
  readonly createdAt: number;
  updatedAt: number;
  closedAt: number | undefined;
}

export interface Issue {
  readonly id: number;
  readonly number: number;
  readonly user: Account;
  title: string;
  body: string | null;
  state: "open" | "closed";
  stateReason: "completed" | "not_planned" | "duplicate" | "reopened" | null;
  readonly labels: Set<string>;
  readonly createdAt: number;
  updatedAt: number;
  closedAt: number | undefined;
}

/** One SARIF file that was handed to code scanning. */
export interface CodeScanningUpload {
  readonly id: string;
  readonly commit: string;
  readonly ref: string;
  readonly sarif: SarifLog;
}

/** What code scanning reads of a SARIF file. */
export interface SarifLog {
  readonly version: string;
  readonly runs: readonly {
    readonly tool: {
      readonly driver: { readonly name: string; readonly rules: readonly { readonly id: string }[] };
    };
    readonly automationDetails?: { readonly id: string } | undefined;
    readonly results: readonly {
      readonly ruleId: string;
      readonly level: string;
      readonly message: { readonly text: string };
    }[];
  }[];
}

export interface IssueComment {
  readonly id: number;
  readonly issue: number;
  readonly user: Account;
  body: string;
  readonly createdAt: number;
  updatedAt: number;
}

export interface CommitStatus {
  readonly id: number;
  readonly sha: string;
  readonly state: "error" | "failure" | "pending" | "success";
  readonly context: string;
  readonly description: string | null;
  readonly targetUrl: string | null;
  readonly creator: Account;
  readonly createdAt: number;
}

export type DeploymentState =
  | "error"
  | "failure"
  | "inactive"
  | "in_progress"
  | "queued"
  | "pending"
  | "success";

export interface DeploymentStatus {
  readonly id: number;
  readonly state: DeploymentState;
  readonly description: string;
  readonly environmentUrl: string;
  readonly logUrl: string;
  readonly creator: Account;
  readonly createdAt: number;
}

export interface Deployment {
  readonly id: number;
  readonly sha: string;
  readonly ref: string;
  readonly task: string;
  readonly environment: string;
  readonly payload: Record<string, unknown> | string;
  readonly description: string | null;
  readonly transient: boolean;
  readonly production: boolean;
  readonly creator: Account;
  readonly createdAt: number;
  readonly statuses: DeploymentStatus[];
}

export type Conclusion = "success" | "failure" | "cancelled" | "skipped" | "startup_failure";

/** A finished job as its run's page shows it; everything is masked already. */
export interface ShownJob {
  readonly name: string;
  readonly conclusion: string;
  readonly steps: readonly {
    readonly name: string;
    readonly conclusion: string;
    readonly log: string;
    /** Markdown of the job summary. */
    readonly summary: string;
  }[];
}

export interface WorkflowRun {
  readonly id: number;
  readonly number: number;
  readonly workflow: Workflow;
  readonly name: string;
  readonly title: string;
  /** 1 where it isn't given. */
  readonly attempt?: number;
  readonly event: string;
  readonly headBranch: string | null;
  readonly headSha: string;
  readonly headRepository: Repository;
  readonly actor: Account;
  readonly createdAt: number;
  updatedAt: number;
  status: "queued" | "in_progress" | "completed";
  conclusion: Conclusion | null;
  /** What its page shows, once it has completed. */
  shown?: readonly ShownJob[];
}

export interface Workflow {
  readonly id: number;
  readonly path: string;
  name: string;
}

/** What GitHub signed: that this workflow made a file of this digest. */
export interface Attestation {
  readonly id: number;
  readonly subject: { readonly name: string; readonly sha256: string };
  readonly run: WorkflowRun;
  readonly workflowRef: string;
}

export interface Artifact {
  readonly id: number;
  readonly name: string;
  readonly run: WorkflowRun;
  readonly zip: Uint8Array;
  readonly digest: string;
  readonly createdAt: number;
  readonly expiresAt: number;
}

export interface Repository {
  readonly id: number;
  readonly owner: Account;
  readonly name: string;
  readonly fullName: string;
  readonly visibility: "public" | "private";
  readonly parent: Repository | undefined;
  readonly defaultBranch: string;
  /** The bare repository on disk. */
  readonly gitDir: string;
  readonly createdAt: number;
  /** Subjects of ID tokens carry the ids of owner and repository (created, renamed or moved after 2026-07-15). */
  readonly immutableSubject: boolean;
  /** Claims that subjects are made of instead of the default ones. */
  subjectClaims: readonly string[] | undefined;
  readonly variables: Map<string, string>;
  readonly secrets: Map<string, string>;
  readonly environments: Map<string, Environment>;
  readonly collaborators: Map<string, RepositoryPermission>;
  readonly protectedBranches: Set<string>;
  /** Statuses that the default branch wants, by a ruleset and by classic branch protection. */
  readonly requiredStatuses: { readonly ruleset: Set<string>; readonly protection: Set<string> };
  readonly pulls: Map<number, PullRequest>;
  readonly issues: Map<number, Issue>;
  /** Off: GitHub answers every question about issues with 410. */
  hasIssues: boolean;
  readonly codeScanning: CodeScanningUpload[];
  readonly comments: IssueComment[];
  readonly statuses: CommitStatus[];
  readonly deployments: Deployment[];
  readonly workflows: Map<string, Workflow>;
  readonly runs: WorkflowRun[];
  readonly artifacts: Artifact[];
  readonly attestations: Attestation[];
}
