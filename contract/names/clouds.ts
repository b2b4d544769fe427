/** Microsoft's national clouds. Source: learn.microsoft.com, "National clouds" (authentication and Graph endpoints). */
export const clouds = {
  global: { authority: "https://login.microsoftonline.com", graph: "https://graph.microsoft.com" },
  usgov: { authority: "https://login.microsoftonline.us", graph: "https://graph.microsoft.us" },
  china: {
    authority: "https://login.partner.microsoftonline.cn",
    graph: "https://microsoftgraph.chinacloudapi.cn",
  },
} as const;

/** Issuers of version 1.0 tokens by authority. The last two are unconfirmed; a wrong one only refuses tokens. */
const tokenServices: Readonly<Record<string, string>> = {
  [clouds.global.authority]: "https://sts.windows.net",
  [clouds.usgov.authority]: "https://sts.windows.net",
  [clouds.china.authority]: "https://sts.chinacloudapi.cn",
};

/** Origin of the issuer of a cloud's version 1.0 tokens; an authority of another name is taken to issue its own. */
export function tokenServiceOf(authority: string): string {
  return tokenServices[authority] ?? authority;
}

export type Cloud = keyof typeof clouds;
