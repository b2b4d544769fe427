#!/usr/bin/env bash
# Fetches pages of a preview behind Entra Gate, from a GitHub job with `id-token: write` and no stored secret:
# GitHub's ID token -> Entra token of the test application -> ticket of the sign-in host -> session at the preview.
#
#   preview.sh / /docs/        prints the status of each path, and fails where one is not there
#
# Needs bash, curl 7.76, jq, openssl; the variables below, and the two that the runner sets for `id-token: write`.
set -euo pipefail
: "${PREVIEW_URL:?}" "${SIGN_IN_ORIGIN:?}" "${TENANT_ID:?}" "${GATE_CLIENT_ID:?}" "${TEST_CLIENT_ID:?}"
: "${ACTIONS_ID_TOKEN_REQUEST_URL:?needs permissions: id-token: write}" "${ACTIONS_ID_TOKEN_REQUEST_TOKEN:?}"
authority=${ENTRA_AUTHORITY:-https://login.microsoftonline.com}
origin=$(sed -E 's#^(https?://[^/]+).*#\1#' <<<"$PREVIEW_URL")

# Tokens go by way of files that only this user can read: an argument list is there for all to see.
umask 077
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
ask() { curl --silent --show-error --fail-with-body --max-time 30 "$@"; }
base64url() { base64 | tr '+/' '-_' | tr -d '=\n'; }
json='Content-Type: application/json'

printf 'Authorization: Bearer %s\n' "$ACTIONS_ID_TOKEN_REQUEST_TOKEN" >"$work/job"
ask --header "@$work/job" "$ACTIONS_ID_TOKEN_REQUEST_URL&audience=api://AzureADTokenExchange" |
  jq -j .value >"$work/assertion"

ask "$authority/$TENANT_ID/oauth2/v2.0/token" \
  --data-urlencode grant_type=client_credentials \
  --data-urlencode "client_id=$TEST_CLIENT_ID" \
  --data-urlencode "scope=$GATE_CLIENT_ID/.default" \
  --data-urlencode client_assertion_type=urn:ietf:params:oauth:client-assertion-type:jwt-bearer \
  --data-urlencode "client_assertion@$work/assertion" |
  jq -r '"Authorization: Bearer " + .access_token' >"$work/token"

# The ticket is made for whoever has the verifier, and for this one preview. Entra's token is the sign-in host's alone.
openssl rand 32 | base64url >"$work/verifier"
challenge=$(openssl dgst -sha256 -binary "$work/verifier" | base64url)
jq -n --arg origin "$origin" --arg challenge "$challenge" '{$origin, $challenge}' |
  ask --header "@$work/token" --header "$json" --data @- "$SIGN_IN_ORIGIN/.auth/session" |
  jq --rawfile verifier "$work/verifier" '{ticket, $verifier}' >"$work/ticket"

ask --header "$json" --data "@$work/ticket" --dump-header "$work/answer" --output /dev/null "$origin/.auth/session"
sed -nE 's/^[Ss]et-[Cc]ookie: ([^;]+);.*/Cookie: \1/p' "$work/answer" >"$work/cookie"

for path in "${@:-/}"; do
  status=$(ask --header "@$work/cookie" --output /dev/null --write-out '%{http_code}' "$origin$path")
  echo "$status $path"
done
