// A conversation as a person sees it: questions and answers about one place. It knows
// nothing of VS Code.

import { type Delta, type Failure, failureOf, type Query, type Result } from './protocol.ts';
import { lineNumbers, type Range } from './range.ts';

export type State = 'running' | 'done' | 'stopped' | 'failed';

/** One question and its answer, which grows. */
export class Turn {
  readonly query: Query;
  /** The question as it is shown; undefined for an explanation. */
  readonly shown: string | undefined;
  state: State = 'running';
  text = '';
  thinking = '';
  /** What the server does while there is no text, such as waiting to try again. */
  note = '';
  result: Result | undefined;
  failure: Failure | undefined;
  /** How it ended in a window that is gone, instead of result and failure. */
  told: { remark: string; footer: string } | undefined;
  started: number;
  #stopped = 0;
  #next = 0;

  constructor(query: Query, shown: string | undefined, now: number) {
    this.query = query;
    this.shown = shown;
    this.started = now;
  }

  /** Takes a piece of the answer. Pieces come in order; one that does not is of an earlier attempt. */
  push(delta: Delta): void {
    if (this.state !== 'running' || delta.seq !== this.#next) {
      return;
    }
    this.#next++;
    if (delta.kind === 'reasoning') {
      this.thinking += delta.text;
    } else if (delta.kind === 'refiled') {
      this.thinking += this.text;
      this.text = '';
    } else {
      this.text += delta.text;
    }
  }

  /** The answer has ended: its text is exactly that of the result. */
  end(result: Result): void {
    this.result = result;
    this.text = result.text;
    this.state = 'done';
  }

  /** The request was rejected with error. What had arrived stays. */
  fail(error: unknown, now: number): void {
    this.#stopped = now;
    this.failure = failureOf(error);
    this.state = this.failure ? 'failed' : 'stopped';
  }

  /** The remark below the text, "" if all is well. */
  get remark(): string {
    if (this.told) {
      return this.told.remark;
    }
    if (this.state === 'failed') {
      return this.failure?.message ?? '';
    }
    if (this.state === 'stopped') {
      return this.text === '' ? 'Stopped before the first word.' : 'Stopped. Retry for the whole answer.';
    }
    const left = (this.result?.leftOut ?? []).map(({ what, why }) => `${what} (${why})`);
    return [this.result?.message, left.length > 0 && `Not sent: ${left.join('; ')}.`].filter(Boolean).join(' ');
  }

  /** Model, seconds and tokens, or how far it is. */
  get footer(): string {
    if (this.told) {
      return this.told.footer;
    }
    if (this.state === 'running') {
      return this.text === '' && this.thinking !== '' ? 'thinking…' : 'answering…';
    }
    if (this.result === undefined) {
      return this.state === 'stopped'
        ? `stopped after ${((this.#stopped - this.started) / 1000).toFixed(1)} s`
        : 'failed';
    }
    return this.result.footer;
  }
}

/** Where a conversation is about. */
export interface Place {
  uri: string;
  name: string; // of the file
  range: Range; // follows edits
  code?: string; // a digest of what stands there, for the next window
}

export class Conversation {
  readonly key: string;
  readonly place: Place | undefined;
  readonly turns: Turn[] = [];
  /** What the server calls it, once an answer has told it, and as long as the server knows it. */
  id: string | undefined;
  /** The first title, after which its document is named. */
  readonly name: string;
  /** Why the conversation is not seen at its code, "" if it is. */
  unseen = '';
  #title: string;

  constructor(key: string, title: string, place?: Place) {
    this.key = key;
    this.name = title;
    this.#title = title;
    this.place = place;
  }

  get title(): string {
    return this.#title;
  }

  /** The file that the conversation is about has another address and name. */
  move(uri: string, name: string): void {
    if (this.place) {
      this.#title = this.#title.replace(`${this.place.name}:`, () => `${name}:`);
      Object.assign(this.place, { uri, name });
    }
  }

  get last(): Turn | undefined {
    return this.turns.at(-1);
  }

  get running(): Turn[] {
    return this.turns.filter((turn) => turn.state === 'running');
  }

  /** The state of the newest turn, or running as long as any turn is. */
  get state(): State {
    return this.running.length > 0 ? 'running' : (this.last?.state ?? 'done');
  }

  /** What a follow-up asks, more detail without a question: within the conversation if the server knows one, else about the place again. */
  followUp(question?: string): Query {
    const about = this.id === undefined ? this.#about : { conversation: this.id };
    return question === undefined ? about : { ...about, question };
  }

  /** An earlier query once more, about the place as it is now. */
  again({ version: _, conversation, ...query }: Query): Query {
    if (conversation !== undefined && conversation === this.id) {
      return { ...query, conversation };
    }
    return { ...query, ...this.#about };
  }

  /** A query without a version, about the place as it is now. Any other stays. */
  now<Q extends Query>(query: Q): Q {
    return query.uri === undefined || query.version !== undefined ? query : { ...query, ...this.#about };
  }

  get #about(): Query {
    return this.place ? { uri: this.place.uri, range: this.place.range } : {};
  }

  /** The conversation in one line, with its state. */
  label(now: number): string {
    const [running] = this.running;
    if (running) {
      return `${this.title} · ${running.footer} ${Math.floor((now - running.started) / 1000)} s`;
    }
    const said: Partial<Record<State, string>> = { stopped: 'stopped', failed: 'failed' };
    return [this.title, said[this.state]].filter(Boolean).join(' · ');
  }
}

/** "Explain total.py:3-9" or, for a question, "Ask total.py:3-9"; without a place the beginning of the question. */
export function titleOf(what: string, place: Place | undefined, question = ''): string {
  return place ? `${what} ${placeName(place)}` : shortened(question);
}

/** "total.py:3-9". */
export function placeName({ name, range }: Place): string {
  return `${name}:${lineNumbers(range)}`;
}

const longestTitle = 40;

/** The first line of text, cut between words if it is long. */
function shortened(text: string): string {
  const [line = ''] = text.trim().split('\n');
  if (line.length <= longestTitle) {
    return line;
  }
  const cut = line.slice(0, longestTitle);
  return `${cut.slice(0, cut.lastIndexOf(' ') + 1).trim() || cut}…`;
}
