// The result of a dry run, for a person.

import type { DryRun } from './protocol.ts';

interface Message {
  role: string;
  content: string;
}

/** The model that a request names, "" if it names none. */
export function modelOf({ body }: DryRun): string {
  const { model } = JSON.parse(body) as { model?: string };
  return model ?? '';
}

/** Model, host and source of the key in one line; if nothing would be sent, why. */
export function summaryOf(request: DryRun): string {
  return request.url === ''
    ? request.keySource
    : `${modelOf(request)} at ${new URL(request.url).host}, key: ${request.keySource}`;
}

/** A request as Markdown: to read, and then to the byte. */
export function requestReport(request: DryRun): string {
  const { messages } = JSON.parse(request.body) as { messages?: Message[] };
  const related = request.related.map(({ path, first, last, why }) => `- with it: ${path}:${first}-${last} (${why})`);
  const left = request.leftOut.map(({ what, why }) => `- left out: ${what} (${why})`);
  return [
    '# The request that would be sent',
    [
      ...(request.url === '' ? [] : [`- \`POST ${request.url}\``]),
      `- key: ${request.keySource}`,
      ...related,
      ...left,
    ].join('\n'),
    ...(messages ?? []).map(({ role, content }) => `## ${role}\n\n${fenced(content, 'markdown')}`),
    `## The body, byte for byte\n\n${fenced(request.body, 'json')}`,
    '',
  ].join('\n\n');
}

/** Text in a fence longer than any inside. */
export function fenced(text: string, language: string): string {
  const longest = Math.max(2, ...[...text.matchAll(/`+/g)].map(([run]) => run.length));
  const fence = '`'.repeat(longest + 1);
  return `${fence}${language}\n${text}\n${fence}`;
}
