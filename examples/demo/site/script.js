// Harbour, release {{release}}
const who = document.querySelector("#who");
try {
  const response = await fetch("/api/hello");
  who.textContent = response.ok ? (await response.json()).greeting : "not signed in";
} catch {
  who.textContent = "offline";
}
