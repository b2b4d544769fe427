/** A person of the tenant that a test or a visitor of the demo signs in as. */
export interface Person {
  readonly oid: string;
  readonly name: string;
  /** User principal name; what Entra puts into `preferred_username`. */
  readonly upn: string;
  readonly kind: "member" | "guest";
  readonly enabled: boolean;
  /** Object ids of the security groups the person is in. */
  readonly groups: readonly string[];
}

export interface RegisteredApplication {
  readonly name: string;
  /** Application (client) id. */
  readonly appId: string;
  /** Object id of the application object, the one Graph's /applications/{id} takes. */
  readonly objectId: string;
  readonly servicePrincipalId: string;
}

export const defaultTenantId = "5a0c1f7e-3d24-4b8e-9c61-7f2e8d1b4a90";

export const groups = {
  reviewers: { id: "b3d5a1f0-6c2e-4f7a-8e19-2a4c6d8f0b11", name: "reviewers" },
  platform: { id: "c7e9f2a4-1b3d-4c5e-9f60-8d7b6a5c4e22", name: "platform" },
} as const;

/** 249 more groups, so that their member is in 250 with `reviewers`: over the 200 that fit a token. */
export const manyGroups: readonly { readonly id: string; readonly name: string }[] = Array.from(
  { length: 249 },
  (_, index) => ({
    id: `d1f00000-0000-4000-8000-${index.toString(16).padStart(12, "0")}`,
    name: `project-${index}`,
  }),
);

export const people = {
  reviewer: {
    oid: "11f1c2d3-0a1b-4c2d-8e3f-000000000001",
    name: "Rita Reviewer",
    upn: "rita@contoso.example",
    kind: "member",
    enabled: true,
    groups: [groups.reviewers.id],
  },
  admin: {
    oid: "11f1c2d3-0a1b-4c2d-8e3f-000000000002",
    name: "Ada Admin",
    upn: "ada@contoso.example",
    kind: "member",
    enabled: true,
    groups: [groups.platform.id],
  },
  outsider: {
    oid: "11f1c2d3-0a1b-4c2d-8e3f-000000000003",
    name: "Otto Outsider",
    upn: "otto@contoso.example",
    kind: "member",
    enabled: true,
    groups: [],
  },
  guest: {
    oid: "11f1c2d3-0a1b-4c2d-8e3f-000000000004",
    name: "Gus Guest",
    upn: "gus@partner.example",
    kind: "guest",
    enabled: true,
    groups: [],
  },
  manyGroups: {
    oid: "11f1c2d3-0a1b-4c2d-8e3f-000000000005",
    name: "Mona Manygroups",
    upn: "mona@contoso.example",
    kind: "member",
    enabled: true,
    groups: [groups.reviewers.id, ...manyGroups.map((group) => group.id)],
  },
  disabled: {
    oid: "11f1c2d3-0a1b-4c2d-8e3f-000000000006",
    name: "Dora Disabled",
    upn: "dora@contoso.example",
    kind: "member",
    enabled: false,
    groups: [groups.reviewers.id],
  },
} as const satisfies Record<string, Person>;

export const applications = {
  /** The gate's own registration; it exists without redirect URIs, roles or claims until the action has run. */
  gate: {
    name: "Entra Gate",
    appId: "6f3a9b52-84d1-4e0c-a7f5-1c2d3e4f5a01",
    objectId: "6f3a9b52-84d1-4e0c-a7f5-1c2d3e4f5a02",
    servicePrincipalId: "6f3a9b52-84d1-4e0c-a7f5-1c2d3e4f5a03",
  },
  /** What the action signs in as; owner of the gate's application and of its service principal. */
  automation: {
    name: "Entra Gate automation",
    appId: "8b4c0d63-95e2-4f1d-b8a6-2d3e4f5a6b01",
    objectId: "8b4c0d63-95e2-4f1d-b8a6-2d3e4f5a6b02",
    servicePrincipalId: "8b4c0d63-95e2-4f1d-b8a6-2d3e4f5a6b03",
  },
  testClient: {
    name: "Entra Gate test client",
    appId: "9c5d1e74-a6f3-4a2e-89b7-3e4f5a6b7c01",
    objectId: "9c5d1e74-a6f3-4a2e-89b7-3e4f5a6b7c02",
    servicePrincipalId: "9c5d1e74-a6f3-4a2e-89b7-3e4f5a6b7c03",
  },
} as const satisfies Record<string, RegisteredApplication>;

export const cast = { people, groups, applications } as const;
