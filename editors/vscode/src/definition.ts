// Names in code, and what is sent of the definition of one. It knows nothing of VS Code.

import type { ContextPlace } from './protocol.ts';

/** How many names are looked up. */
const mostNames = 40;

/** How many lines are sent of a file outside of the workspace, and of a comment above them. */
const mostLines = 24;
const mostComment = 20;

export interface Name {
  name: string;
  offset: number; // of its first occurrence
}

/** The names in text, each where it stands first. */
export function namesIn(text: string): Name[] {
  const names = new Map<string, Name>();
  for (const { 0: name, index } of text.matchAll(/[\p{L}_$][\p{L}\p{N}_$]*/gu)) {
    if (!names.has(name)) {
      names.set(name, { name, offset: index });
    }
    if (names.size === mostNames) {
      break; // the code may be a file of 50 MB
    }
  }
  return [...names.values()];
}

/** Line at of a file and what belongs to it, with its text: llmls reads no such file itself. */
export function excerpt(text: string, at: number): Pick<ContextPlace, 'range' | 'text'> | undefined {
  const lines = text.split(/\r\n|\r|\n/);
  if (text === '' || lines[at] === undefined) {
    return undefined;
  }
  let first = at;
  while (first > 0 && at - first < mostComment && /^\s*([/*#;]|--)/.test(lines[first - 1] ?? '')) {
    first--;
  }
  const end = Math.min(lines.length, at + mostLines);
  return { range: wholeLines(first, end), text: `${lines.slice(first, end).join('\n')}\n` };
}

/** The lines from first to the one before end. */
export function wholeLines(first: number, end: number): ContextPlace['range'] {
  return { start: { line: first, character: 0 }, end: { line: end, character: 0 } };
}
