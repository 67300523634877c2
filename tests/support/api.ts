/** What a node answered. */
export interface ApiAnswer {
  readonly status: number;
  readonly text: string;
}

/** One request to a node's HTTP API, whatever it is answered with. */
export async function callApi(url: string, route: string, body?: unknown): Promise<ApiAnswer> {
  const [method = "GET", path = "/"] = route.split(" ");
  const response = await fetch(`${url}${path}`, {
    method,
    ...(body === undefined ? {} : { body: JSON.stringify(body), headers: { "content-type": "application/json" } }),
  });
  return { status: response.status, text: await response.text() };
}
