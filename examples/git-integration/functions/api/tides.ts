export const onRequestGet = () => Response.json({ high: "04:12", low: "10:31" });
