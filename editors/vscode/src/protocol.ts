// The commands of the server as docs/protocol.md describes them. The types are
// what this extension uses; the server may send more.

import type { Range } from './range.ts';

/** The argument of llmls.explain and llmls.ask. */
export interface Query {
  question?: string;
  uri?: string;
  range?: Range;
  version?: number;
  diagnostic?: unknown;
  conversation?: string;
  partialResultToken?: string;
  dryRun?: boolean;
}

/** One value of the partial result: a piece of the answer, or of the thinking before it. */
export interface Delta {
  kind: 'delta' | 'reasoning';
  seq: number;
  text: string;
}

export type FinishReason = 'stop' | 'length' | 'content_filter' | 'unknown' | 'incomplete';

export interface LeftOut {
  what: string;
  why: string;
}

export interface Result {
  id: string;
  conversation: string;
  text: string;
  finishReason: FinishReason;
  model: string;
  usage: { promptTokens: number; completionTokens: number } | null;
  timing: { firstDeltaMs: number; totalMs: number };
  message?: string;
  leftOut?: LeftOut[];
}

export interface DryRun {
  url: string;
  body: string;
  keySource: string;
  leftOut: LeftOut[] | null;
}

/** An entry of llmls.answers. */
export interface AnswerInfo {
  id: string;
  conversation: string;
  uri?: string;
  range?: Range;
  question?: string;
  text: string;
  finishReason?: string;
  running: boolean;
}

export interface Models {
  model: string;
  models: string[];
}

/** Why no text arrived, as the server tells it; "lost" is ours: the server itself is gone. */
export interface Failure {
  message: string;
  kind: string;
}

const requestCancelled = -32800;

/** The codes with which vscode-jsonrpc rejects requests whose connection ends. */
const connectionCodes = { first: -32099, last: -32096 };

/** Reads what a rejected request says. `undefined` is a request that was cancelled. */
export function failureOf(error: unknown): Failure | undefined {
  const { code, message, data } = error as { code?: unknown; message?: unknown; data?: { kind?: unknown } };
  if (code === requestCancelled) {
    return undefined;
  }
  if (typeof code === 'number' && code >= connectionCodes.first && code <= connectionCodes.last) {
    return { kind: 'lost', message: 'The server ended before the answer did. Retry for the whole answer.' };
  }
  const kind = typeof data?.kind === 'string' ? data.kind : 'lost';
  return { kind, message: typeof message === 'string' ? message : String(error) };
}
