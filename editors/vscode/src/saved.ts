// What of the conversations outlives the window: the text, within bounds.

import { Conversation, type Place, type State, Turn } from './conversation.ts';
import type { AnswerInfo } from './protocol.ts';

/** The most characters that are kept; the newest conversations come first. VS Code holds them in memory while it runs. */
export const mostKept = 200_000;

/** A conversation as it is kept. */
export interface Saved {
  key: string;
  id?: string;
  title: string;
  place?: Place;
  turns: SavedTurn[];
}

interface SavedTurn {
  question?: string;
  diagnostic?: unknown;
  shown?: string;
  text: string;
  state: State;
  remark: string;
  footer: string;
}

/** The conversations as they are kept, the oldest first; those that do not fit are left out. */
export function saved(conversations: readonly Conversation[]): Saved[] {
  const kept: Saved[] = [];
  let left = mostKept;
  for (const conversation of [...conversations].reverse()) {
    const { key, id, title, place } = conversation;
    const one = { key, ...defined({ id }), title, ...(place && { place }), turns: conversation.turns.map(savedTurn) };
    const size = JSON.stringify(one).length;
    if (size <= left) {
      left -= size;
      kept.unshift(one);
    }
  }
  return kept;
}

function savedTurn({ query, shown, text, state, remark, footer }: Turn): SavedTurn {
  const { question, diagnostic } = query;
  return { ...defined({ question, diagnostic, shown }), text, state, remark, footer };
}

/** The conversations that were kept. An answer that was running then has ended with its window. */
export function restored(kept: readonly Saved[]): Conversation[] {
  return kept.map(({ key, id, title, place, turns }) => {
    const conversation = new Conversation(key, title, place);
    conversation.id = id;
    conversation.turns.push(...turns.map(restoredTurn));
    return conversation;
  });
}

function restoredTurn({ question, diagnostic, shown, text, state, remark, footer }: SavedTurn): Turn {
  const turn = new Turn(defined({ question, diagnostic }), shown, 0);
  turn.text = text;
  const cut = state === 'running';
  turn.state = cut ? 'stopped' : state;
  turn.told = cut
    ? { remark: 'Stopped: the window was closed or reloaded. Retry for the whole answer.', footer: 'stopped' }
    : { remark, footer };
  return turn;
}

/** A turn as the server kept it in the file of its conversation. */
export function keptTurn({ conversation, question, text, finishReason, footer }: AnswerInfo): Turn {
  const turn = new Turn(defined({ conversation, question }), question, 0);
  turn.text = text;
  turn.state = 'done';
  turn.told = { remark: finishReason === 'incomplete' ? 'It broke off.' : '', footer: footer ?? '' };
  return turn;
}

/** Without the members that are undefined, which JSON does not keep. */
function defined<T extends object>(members: { [K in keyof T]: T[K] | undefined }): Partial<T> {
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined)) as Partial<T>;
}
