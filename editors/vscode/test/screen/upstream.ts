// The scripted endpoint, as control_test.go offers it.

export type Step =
  | { delta: string }
  | { reasoning: string }
  | { finish: string }
  | { answer: string[] }
  | { pause: string }
  | { cut: true }
  | { stall: true }
  | { json: string }
  | { status: number; message: string };

export interface Request {
  path: string;
  authorization: string;
  body: string;
}

async function call(path: string, body?: unknown): Promise<Response> {
  const response = await fetch(
    `${process.env['CONTROL']}/${path}`,
    body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) },
  );
  if (!response.ok) {
    throw new Error(`${path}: ${response.status} ${await response.text()}`);
  }
  return response;
}

export const upstream = {
  /** What the next requests get, one script for each; the last serves all further ones. */
  scripts: (...scripts: Step[][]) => call('scripts', scripts),
  /** Lets one script go on that stands at that pause, or comes there. */
  resume: (name: string) => call('resume', name),
  /** All requests so far. */
  requests: async () => (await (await call('requests')).json()) as Request[],
  /** Returns when there is a request that it has not returned for. */
  next: () => call('next'),
  /** Returns when the last exchange is over: played to its end, or the client has gone. */
  last: () => call('last'),
};

/** The pieces with a pause before each: resume(name) sends the next. */
export function stepwise(name: string, pieces: string[], reason = 'stop'): Step[] {
  return [...pieces.flatMap((delta): Step[] => [{ pause: name }, { delta }]), { pause: name }, { finish: reason }];
}
