/** Microsoft's national clouds. Source: learn.microsoft.com, "National clouds" (authentication and Graph endpoints). */
export const clouds = {
  global: { authority: "https://login.microsoftonline.com", graph: "https://graph.microsoft.com" },
  usgov: { authority: "https://login.microsoftonline.us", graph: "https://graph.microsoft.us" },
  china: {
    authority: "https://login.partner.microsoftonline.cn",
    graph: "https://microsoftgraph.chinacloudapi.cn",
  },
} as const;

export type Cloud = keyof typeof clouds;
