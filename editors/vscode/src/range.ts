// Ranges as LSP and VS Code count them: lines and UTF-16 units from 0.

export interface Position {
  line: number;
  character: number;
}

export interface Range {
  start: Position;
  end: Position;
}

export interface Change {
  range: Range;
  text: string;
}

export function before(a: Position, b: Position): boolean {
  return a.line < b.line || (a.line === b.line && a.character < b.character);
}

export function contains(outer: Range, inner: Range): boolean {
  return !before(inner.start, outer.start) && !before(outer.end, inner.end);
}

export function same(a: Position, b: Position): boolean {
  return a.line === b.line && a.character === b.character;
}

export function isEmpty(r: Range): boolean {
  return same(r.start, r.end);
}

/** The range from the first of those that are not empty to the last, if there is any. */
export function covering(ranges: readonly Range[]): Range | undefined {
  const sorted = ranges.filter((range) => !isEmpty(range)).sort((a, b) => (before(a.start, b.start) ? -1 : 1));
  const [first, last] = [sorted[0], sorted.at(-1)];
  return first && last && { start: first.start, end: last.end };
}

/** The lines from the first of several cursors to the last, if they are in different ones. */
export function spanning(cursors: readonly Range[]): Range | undefined {
  const lines = cursors.map(({ start }) => start.line);
  const [first, last] = [Math.min(...lines), Math.max(...lines)];
  return first < last ? { start: { line: first, character: 0 }, end: { line: last + 1, character: 0 } } : undefined;
}

/**
 * Where range lies after change. Text typed right before it stays outside, and so
 * does text typed right behind it; a range whose text is replaced covers the new text.
 */
export function follow(range: Range, change: Change): Range {
  const start = move(range.start, change, 'behind');
  const end = isEmpty(range) ? start : move(range.end, change, 'before');
  return before(end, start) ? { start, end: start } : { start, end };
}

/** On which side of text that is inserted exactly at a position the position stays. */
type Side = 'before' | 'behind';

function move(p: Position, change: Change, side: Side): Position {
  const { start, end } = change.range;
  if (before(p, start)) {
    return p;
  }
  if (isEmpty(change.range) && same(p, start)) {
    return side === 'behind' ? endOf(change) : p;
  }
  if (before(end, p) || same(end, p)) {
    const to = endOf(change);
    return p.line === end.line
      ? { line: to.line, character: to.character + p.character - end.character }
      : { line: p.line + to.line - end.line, character: p.character };
  }
  return side === 'behind' ? start : endOf(change);
}

/** Where the text of change ends. */
function endOf({ range, text }: Change): Position {
  const lines = text.split(/\r\n|\r|\n/);
  const last = lines.at(-1)?.length ?? 0;
  return lines.length === 1
    ? { line: range.start.line, character: range.start.character + last }
    : { line: range.start.line + lines.length - 1, character: last };
}

/**
 * The lines that a person sees as selected: the cursor at the start of a line
 * below is not in it.
 */
export function shownLines(r: Range): Range {
  if (r.end.character > 0 || r.end.line === r.start.line) {
    return r;
  }
  return { start: r.start, end: { line: r.end.line - 1, character: 0 } };
}

/** "3" or "3-9", counted from 1 as editors show it. */
export function lineNumbers(r: Range): string {
  const { start, end } = shownLines(r);
  return start.line === end.line ? `${start.line + 1}` : `${start.line + 1}-${end.line + 1}`;
}
