// How turns become Markdown. The server has made the answers safe to show (no
// HTML, no images, links only to the web); what a person wrote is escaped here.

import type { Conversation, State, Turn } from './conversation.ts';

/** VS Code cuts what it renders at 100,000 characters (markdownRenderer.ts). */
const longestInThread = 90_000;

/**
 * How much of an answer that grows is drawn: VS Code renders all comments of a
 * thread anew at each redraw, in the thread that takes the keys. The end moves on
 * by whole steps, of which it has one or two, so that it stands still in between.
 */
const growing = { beginning: 2500, step: 1250 };

/** How much of an earlier answer is drawn beside one that grows. */
const longestBeside = 2000;

/** The modelines of editors other than VS Code, for a document that is saved to a file, except for the marks that are escaped anyway. */
const obeyed = /(?<=(?:^|\s)(?:ex|vim?[=>]?\d*)|kate|local var[iıİ]ables):|(?<=kate-[a-z]+)\(/gi;

/** Text as Markdown that shows exactly that text, in one paragraph. */
export function escaped(text: string): string {
  return text
    .replace(/\s*\n\s*/g, ' ')
    .replace(/[\\`*_[\]<&~|$]/g, '\\$&')
    .replace(/^\s*([#+>=-])/, '\\$1')
    .replace(/^\s*(\d+)([.)])(?=\s|$)/, '$1\\$2')
    .replace(obeyed, '\\$&');
}

/** The answer of a turn for a comment, in a conversation that is still being answered or not. */
export function answerBody(turn: Turn, state: State = turn.state): string {
  const { text } = turn;
  const parts: string[] = [];
  if (turn.state === 'running') {
    parts.push(...(text === '' ? [waiting(turn)] : newest(text)));
  } else if (state === 'running' && text.length > longestBeside) {
    parts.push(beginning(text, longestBeside), '*The rest stands here again when the newest answer is complete.*');
  } else if (text.length > longestInThread) {
    parts.push(beginning(text, longestInThread), '*The rest of this answer is in its document.*');
  } else if (text !== '') {
    parts.push(text);
  }
  if (turn.remark !== '') {
    parts.push(`*${escaped(turn.remark)}*`);
  }
  return parts.join('\n\n');
}

/** A text that grows: all of it, or how it begins and what came last. */
function newest(text: string): string[] {
  const { beginning: first, step } = growing;
  const from = text.length - step - (text.length % step);
  if (from <= first) {
    return [text];
  }
  const start = text.lastIndexOf('\n', from) + 1;
  const end = start > first ? start : from;
  const open = openFence(text.slice(0, end));
  return [
    beginning(text, first),
    '*What lies between is in the document of this answer, and here when it is complete.*',
    `${open && `${open}\n`}${text.slice(end)}`,
  ];
}

/** The whole lines of the first characters of text, with the fence closed that they leave open. */
function beginning(text: string, characters: number): string {
  const end = text.lastIndexOf('\n', characters);
  const cut = text.slice(0, end > characters / 2 ? end : characters);
  const [mark] = fence.exec(openFence(cut)) ?? [];
  return mark === undefined ? cut : `${cut}\n${mark}`;
}

/** What stands there before the first word: the newest thinking, or what is going on. */
function waiting(turn: Turn): string {
  const thinking = turn.thinking.trim().split('\n').at(-1) ?? '';
  const text = thinking === '' ? turn.note : thinking.slice(-200);
  return `*${escaped(text || 'Waiting for the first word…')}*`;
}

/** The whole conversation as a document. */
export function conversationDocument(conversation: Conversation): string {
  const parts = [`# ${escaped(conversation.title)}`];
  if (conversation.unseen !== '') {
    parts.push(`*${escaped(conversation.unseen)}*`);
  }
  for (const turn of conversation.turns) {
    if (turn.shown !== undefined) {
      parts.push(
        turn.shown
          .split('\n')
          .map((line) => `> ${escaped(line)}`)
          .join('\n'),
      );
    }
    if (turn.text !== '') {
      parts.push(turn.text.trimEnd());
    } else if (turn.state === 'running') {
      parts.push(waiting(turn));
    }
    if (turn.remark !== '') {
      parts.push(`*${escaped(turn.remark)}*`);
    }
    if (turn.state !== 'failed') {
      parts.push(`*${escaped(turn.footer)}*`);
    }
  }
  return `${parts.join('\n\n')}\n`;
}

/**
 * Opens or closes a block of code. The server closes what an answer ends in, but not what VS Code's limits cut: where a
 * cut falls depends on the other turns, and answers of an earlier window or of a file come as text alone, without
 * deltas that could tell. Cutting only outside of blocks would need the same search, and hide long code while it grows.
 */
const fence = /^(`{3,}(?!.*`)|~{3,})/;

/** The line that opens the fence in which text ends, "" if it ends in none. */
function openFence(text: string): string {
  let open = '';
  let opening = '';
  for (const line of text.split('\n')) {
    const trimmed = line.trim();
    const mark = fence.exec(trimmed)?.[1];
    if (mark === undefined) {
      continue;
    }
    if (open === '') {
      open = mark;
      opening = trimmed;
    } else if (mark.startsWith(open) && trimmed === mark) {
      open = '';
    }
  }
  return open && opening;
}
