/** Production's entry of a site that lets in members of the tenant. */
export const memberEntry = {
  environment: "production",
  digest: "d",
  lifetime: 1,
  recheck: 1,
  groupNames: {},
  anyone: false,
  members: true,
  guests: false,
  groups: [],
  roles: [],
  apps: [],
} as const;
