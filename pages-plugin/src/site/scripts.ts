/** Names in sessionStorage, which each tab has for itself. */
const names = { hash: "entra-gate.hash", tries: "entra-gate.tries" } as const;

/**
 * Of the 401 page: keeps the fragment, which no server ever sees, and moves on to the page's own link; at most twice
 * a minute, so that a sign-in that doesn't help ends with a page to read. Without sessionStorage it can't count, so it
 * does not move.
 */
export const signInScript = `try{
let kept=sessionStorage,now=Date.now(),tries=JSON.parse(kept["${names.tries}"]||"[]").filter(t=>t<=now&&now-t<6e4);
if(location.hash)kept["${names.hash}"]=JSON.stringify([location.pathname+location.search,location.hash]);
else delete kept["${names.hash}"];
if(tries.length<2){
kept["${names.tries}"]=JSON.stringify([...tries,now]);
location.replace(document.links[0])
}}catch{}`;

/** Of the page after a sign-in: goes to the page's own link, with the fragment if it was kept for exactly that page. */
export const returnScript = `let to=document.links[0],hash="";
try{
let kept=sessionStorage,[at,was]=JSON.parse(kept["${names.hash}"]);
delete kept["${names.hash}"];
if(at==to.getAttribute("href")&&was[0]=="#")hash=was
}catch{}
location.replace(to+hash)`;
