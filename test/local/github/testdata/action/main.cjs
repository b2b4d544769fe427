const { appendFileSync } = require("node:fs");
const { request } = require("node:http");

/** Node doesn't resolve *.localhost: the address is loopback, the name goes into Host. */
function get(address, token) {
  const { hostname, port, host, pathname, search } = new URL(address);
  const headers = { host, authorization: `Bearer ${token}`, "user-agent": "action" };
  const options = { host: "127.0.0.1", port, path: pathname + search, headers };
  if (!hostname.endsWith(".localhost")) throw new Error(`not loopback: ${hostname}`);
  return new Promise((resolve, reject) => {
    request(options, (response) => {
      let text = "";
      response.on("data", (chunk) => (text += chunk));
      response.on("end", () => resolve({ status: response.statusCode, text }));
    })
      .on("error", reject)
      .end();
  });
}

async function main() {
  const { env } = process;
  const repository = await get(`${env.GITHUB_API_URL}/repos/${env.GITHUB_REPOSITORY}`, env["INPUT_GITHUB-TOKEN"]);
  const url = env.ACTIONS_ID_TOKEN_REQUEST_URL;
  let sub = "none";
  if (url !== undefined) {
    const answer = await get(`${url}&audience=api://AzureADTokenExchange`, env.ACTIONS_ID_TOKEN_REQUEST_TOKEN);
    const { value } = JSON.parse(answer.text);
    console.log(`::add-mask::${value}`);
    console.log(`token ${value}`);
    ({ sub } = JSON.parse(Buffer.from(value.split(".")[1], "base64url").toString()));
  }
  console.log(`secret ${env["INPUT_API-TOKEN"]} job ${env["INPUT_GITHUB-TOKEN"]}`);
  console.log("::notice title=Seen,file=gate.json,line=3::two%0Alines");
  appendFileSync(env.GITHUB_STEP_SUMMARY, `summary ${env["INPUT_API-TOKEN"]}\n`);
  appendFileSync(env.GITHUB_OUTPUT, `seen=${repository.status}\nsub=${sub}\nenv<<END\n${JSON.stringify(env)}\nEND\n`);
}

main().catch((error) => {
  console.log(`::error::${error.message}`);
  process.exitCode = 1;
});
