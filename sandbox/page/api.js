// The sandbox's control API. The page gets its token in the address's fragment, which browsers
// never send to a server, and keeps it for reloads of this tab.

const given = new URLSearchParams(location.hash.slice(1)).get("token");
if (given) sessionStorage.setItem("token", given);
const token = sessionStorage.getItem("token") ?? "";

async function call(method, path, body) {
  const response = await fetch("/sandbox/" + path, {
    method,
    headers: { Authorization: "Bearer " + token, ...(body && { "Content-Type": "application/json" }) },
    body: body && JSON.stringify(body),
  });
  const answer = await response.json().catch(() => ({ error: `The sandbox answered ${response.status}.` }));
  if (!response.ok && !answer.error) answer.error = `The sandbox answered ${response.status}.`;
  return answer;
}

export const get = (path) => call("GET", path);
export const post = (path, body) => call("POST", path, body);

export async function encode(file) {
  const bytes = new Uint8Array(await file.arrayBuffer());
  let text = "";
  for (let at = 0; at < bytes.length; at += 0x8000) text += String.fromCharCode(...bytes.subarray(at, at + 0x8000));
  return { filename: file.name, base64: btoa(text) };
}
