// What "explain" is about when nothing is selected.

import { contains, isEmpty, type Range } from './range.ts';

/** A document symbol of VS Code, reduced to what is needed here. */
export interface Region {
  kind: number;
  range: Range;
  children: Region[];
}

/** The kinds that a person would call a function, as VS Code numbers them. */
const functions = new Set([5 /* method */, 8 /* constructor */, 11 /* function */]);

/**
 * The selection if there is one, else the innermost function around it, else
 * the line.
 */
export function target(selection: Range, symbols: Region[], lineLength: number): Range {
  if (!isEmpty(selection)) {
    return selection;
  }
  return (
    innermost(symbols, selection) ?? {
      start: { line: selection.start.line, character: 0 },
      end: { line: selection.start.line, character: lineLength },
    }
  );
}

function innermost(symbols: Region[], at: Range): Range | undefined {
  for (const symbol of symbols) {
    if (contains(symbol.range, at)) {
      return innermost(symbol.children, at) ?? (functions.has(symbol.kind) ? symbol.range : undefined);
    }
  }
  return undefined;
}
