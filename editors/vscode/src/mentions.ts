// What a question may mention, as rows below the box that it is typed in. It knows
// nothing of VS Code.

import type { MentionInfo } from './protocol.ts';

/** A row, and the question that choosing it makes of what was typed. */
export interface Row {
  label: string;
  description?: string;
  question: string;
  asks: boolean; // instead of going on
}

const heads: Record<string, { icon: string; description: string }> = {
  'file:': { icon: 'file', description: 'a file, or lines of it' },
  'symbol:': { icon: 'symbol-method', description: 'what defines a name' },
  diff: { icon: 'git-compare', description: 'what changed since the last commit' },
};

/**
 * The rows for what was typed: that it is asked as it is, and what the mention at its end
 * may become; none if that is nothing else. Their labels have no #, which is in what was
 * typed, or VS Code would sort those first that match it.
 */
export function rows(typed: string, found: readonly MentionInfo[]): Row[] {
  const more = found.filter(({ question }) => question !== typed);
  if (more.length === 0) {
    return [];
  }
  return [{ label: 'Ask', description: typed, question: typed, asks: true }, ...more.map(row)];
}

function row({ question, mention }: MentionInfo): Row {
  const name = mention.replace(/^#/, '');
  const [head = '', rest = ''] = name.split(/(?<=^(?:file|symbol):)/);
  const { icon, description } = heads[head] ?? { icon: 'mention', description: '' };
  return rest === ''
    ? { label: `$(${icon}) ${name}`, description, question, asks: false }
    : { label: `$(${rest.endsWith('/') ? 'folder' : icon}) ${rest}`, question, asks: false };
}
