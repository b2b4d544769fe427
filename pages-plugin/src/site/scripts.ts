/** Names in sessionStorage, which each tab has for itself. */
const names = { hash: "entra-gate.hash", tries: "entra-gate.tries" } as const;

/**
 * Of the 401 page: keeps the fragment, which no server ever sees, and moves on to the page's own link; at most twice
 * a minute, so that a sign-in that doesn't help ends with a page to read. Without sessionStorage it can't count, so it
 * does not move.
 */
export const signInScript = `(function(){
var at=location.pathname+location.search,now=Date.now(),tries;
try{
if(location.hash)sessionStorage.setItem("${names.hash}",JSON.stringify([at,location.hash]));
else sessionStorage.removeItem("${names.hash}");
tries=JSON.parse(sessionStorage.getItem("${names.tries}")||"[]").filter(function(t){return t<=now&&now-t<60000});
if(tries.length>1)return;
tries.push(now);sessionStorage.setItem("${names.tries}",JSON.stringify(tries));
}catch(e){return}
location.replace(document.getElementById("go").href)})()`;

/** Of the page after a sign-in: goes to \`data-target\`, with the fragment if it was kept for exactly that page. */
export const returnScript = `(function(){
var to=document.body.dataset.target,hash="",kept;
try{
kept=JSON.parse(sessionStorage.getItem("${names.hash}")||"null");sessionStorage.removeItem("${names.hash}");
if(kept&&kept[0]===to&&String(kept[1]).charAt(0)==="#")hash=kept[1];
}catch(e){}
location.replace(to+hash)})()`;
