/**
 * Of the 401 page: keeps the fragment, which no server ever sees, and moves on to the page's own link; at most twice
 * a minute, so that a sign-in that doesn't help ends with a page to read. Without sessionStorage, which each tab has
 * for itself, it can't count, so it does not move.
 */
export const signInScript = `try{
let kept=sessionStorage,now=Date.now(),tries=JSON.parse(kept["entra-gate.tries"]||"[]").filter(t=>t<=now&&now-t<6e4);
if(location.hash)kept["entra-gate.hash"]=JSON.stringify([location.pathname+location.search,location.hash]);
else delete kept["entra-gate.hash"];
if(tries.length<2){
kept["entra-gate.tries"]=JSON.stringify([...tries,now]);
location.replace(document.links[0])
}}catch{}`;

/** Of the page after a sign-in: goes to the page's own link, with the fragment if it was kept for exactly that page. */
export const returnScript = `let to=document.links[0],hash="";
try{
let kept=sessionStorage,[at,was]=JSON.parse(kept["entra-gate.hash"]);
delete kept["entra-gate.hash"];
if(at==to.getAttribute("href")&&was[0]=="#")hash=was
}catch{}
location.replace(to+hash)`;
