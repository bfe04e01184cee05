// How turns become Markdown. The server has made the answers safe to show (no
// HTML, no images, links only to the web); what a person wrote is escaped here.

import type { Talk, Turn } from './talk.ts';

/** VS Code cuts what it renders at 100,000 characters (markdownRenderer.ts). */
const longestInThread = 90_000;

/** Text as Markdown that shows exactly that text, in one paragraph. */
export function escaped(text: string): string {
  return text
    .replace(/\s*\n\s*/g, ' ')
    .replace(/[\\`*_[\]<&~|$]/g, '\\$&')
    .replace(/^\s*([#+>=-])/, '\\$1')
    .replace(/^\s*(\d+)([.)])(?=\s|$)/, '$1\\$2');
}

/** The answer of a turn for a comment. */
export function answerBody(turn: Turn): string {
  const parts: string[] = [];
  if (turn.text.length > longestInThread) {
    parts.push(closed(turn.text.slice(0, longestInThread)), '*The rest of this answer is in its document.*');
  } else if (turn.text !== '') {
    parts.push(turn.state === 'running' ? turn.text : closed(turn.text));
  } else if (turn.state === 'running') {
    parts.push(waiting(turn));
  }
  if (turn.remark !== '') {
    parts.push(`*${escaped(turn.remark)}*`);
  }
  return parts.join('\n\n');
}

/** What stands there before the first word: the newest thinking, or what is going on. */
function waiting(turn: Turn): string {
  const thinking = turn.thinking.trim().split('\n').at(-1) ?? '';
  const text = thinking === '' ? turn.note : thinking.slice(-200);
  return `*${escaped(text || 'Waiting for the first word…')}*`;
}

/** The whole talk as a document. */
export function talkDocument(talk: Talk): string {
  const parts = [`# ${escaped(talk.title)}`];
  for (const turn of talk.turns) {
    if (turn.shown !== undefined) {
      parts.push(
        turn.shown
          .split('\n')
          .map((line) => `> ${escaped(line)}`)
          .join('\n'),
      );
    }
    if (turn.text !== '') {
      parts.push((turn.state === 'running' ? turn.text : closed(turn.text)).trimEnd());
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

const fence = /^(`{3,}(?!.*`)|~{3,})/;

/** Markdown with the fence closed that a cut text left open, so that what follows is no code. */
export function closed(text: string): string {
  let open = '';
  for (const line of text.split('\n')) {
    const mark = fence.exec(line.trimStart())?.[1];
    if (mark === undefined) {
      continue;
    }
    if (open === '') {
      open = mark;
    } else if (mark.startsWith(open) && line.trim() === mark) {
      open = '';
    }
  }
  return open === '' ? text : `${text}${text.endsWith('\n') ? '' : '\n'}${open}`;
}
