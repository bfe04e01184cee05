// The commands of the server as docs/protocol.md describes them.

import type { Range } from './range.ts';

/** One value of the partial result: a piece of the answer, or of the thinking before it. */
export interface Delta {
  kind: 'delta' | 'reasoning' | 'refiled';
  seq: number;
  text: string;
}

export type FinishReason = 'stop' | 'length' | 'content_filter' | 'unknown' | 'incomplete';

// begin of what make gen derives from internal/lsp/command.go

export interface AnswerInfo {
  id: string;
  conversation: string;
  uri?: string;
  range?: Range;
  question?: string;
  text: string;
  finishReason: FinishReason;
  running: boolean;
  footer?: string;
}

export interface AnswersArgs {
  uri?: string;
  conversation?: string;
}

export interface ContextPlace {
  uri: string;
  range: Range;
  why?: string;
  text?: string;
}

export interface DismissArgs {
  id?: string;
}

export interface DryRun {
  url: string;
  body: string;
  keySource: string;
  related: RelatedPiece[];
  leftOut: LeftOut[];
}

export interface EarlierArgs {
  query?: string;
  conversation?: string;
}

export interface EndpointInfo {
  name: string;
  model: string;
  api: string;
  host: string;
}

export interface ForgetArgs {
  conversation?: string;
  workspace?: boolean;
  all?: boolean;
}

export interface Forgotten {
  conversations: string[];
}

export interface HistoryArgs {
  query?: string;
  uri?: string;
  workspace?: boolean;
}

export interface HistoryInfo {
  conversation: string;
  title: string;
  uri?: string;
  range?: Range;
  when: string;
  turns: number;
  model: string;
  source: string;
}

export interface LeftOut {
  what: string;
  why: string;
}

export interface MentionInfo {
  question: string;
  mention: string;
}

export interface MentionsArgs {
  question?: string;
  uri?: string;
}

export interface Models {
  endpoint: string;
  model: string;
  models: string[];
  endpoints: EndpointInfo[];
}

export interface ModelsArgs {
  endpoint?: string;
}

export interface PromptArgs {
  name?: string;
  input?: string;
  uri?: string;
  range?: Range;
  block?: string;
  version?: number;
  conversation?: string;
  partialResultToken?: number | string;
  dryRun?: boolean;
  endpoint?: string;
  model?: string;
  context?: ContextPlace[];
}

export interface PromptInfo {
  name: string;
  title: string;
  description?: string;
  input?: string;
  source: string;
}

export interface PromptsArgs {
  uri?: string;
}

export interface Query {
  question?: string;
  uri?: string;
  range?: Range;
  block?: string;
  version?: number;
  diagnostic?: unknown;
  conversation?: string;
  partialResultToken?: number | string;
  dryRun?: boolean;
  endpoint?: string;
  model?: string;
  chooseEndpoint?: boolean;
  context?: ContextPlace[];
}

export interface RelatedPiece {
  path: string;
  cell?: number;
  first: number;
  last: number;
  why: string;
}

export interface Result {
  id: string;
  conversation: string;
  text: string;
  finishReason: FinishReason;
  endpoint: string;
  model: string;
  usage: Usage | null;
  timing: Timing;
  message?: string;
  footer: string;
  leftOut?: LeftOut[];
}

export interface ServerStatus {
  endpoint: string;
  model: string;
  host: string;
  running: number;
  logFile: string;
  stateDir: string;
  version: string;
  endpoints: EndpointInfo[];
}

export interface Started {
  id: string;
  conversation: string;
}

export interface StopArgs {
  id?: string;
}

export interface Timing {
  firstDeltaMs: number;
  totalMs: number;
}

export interface Usage {
  promptTokens: number;
  completionTokens: number;
  cachedTokens?: number;
}

// end of what make gen derives

/** Why no text arrived, as the server reports it; "lost" is ours: the server itself is gone. */
export interface Failure {
  message: string;
  kind: string;
}

const requestCancelled = -32800;

/** The codes with which vscode-jsonrpc rejects requests whose connection ends. */
const connectionCodes = { first: -32099, last: -32096 };

/** The failure in a rejected request; `undefined` if it was cancelled. */
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
