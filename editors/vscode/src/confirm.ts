// The second line of defence around an answer: it is shown as Markdown only if VS
// Code's own parser finds nothing in it but what an answer may hold. The server has
// sanitised it for many parsers; here the two that VS Code uses check it: marked,
// which draws threads, and markdown-it, which draws the preview.

import math from '@vscode/markdown-it-katex';
import MarkdownIt from 'markdown-it';
import { Lexer, type Token, walkTokens } from 'marked';

/** What a parser makes of a text. */
interface Reading {
  /** All that is in it may be shown. */
  harmless: boolean;
  /**
   * How much of it stays as it was read, whatever follows: what ends in a blank
   * line behind a paragraph or a heading, outside of everything else.
   */
  settled: number;
}

/**
 * Confirms one text that grows. Only what was added since the last paragraph that
 * ended is read again, so that the cost of a redraw does not grow with the text.
 */
export class Confirmer {
  readonly #read: (text: string) => Reading;
  #settled = '';
  #last: { text: string; harmless: boolean } | undefined;

  constructor(read: (text: string) => Reading) {
    this.#read = read;
  }

  /** Whether text may be shown as Markdown. */
  confirms(text: string): boolean {
    if (this.#last?.text === text) {
      return this.#last.harmless;
    }
    const from = text.startsWith(this.#settled) ? this.#settled.length : 0;
    const { harmless, settled } = this.#reading(text.slice(from));
    if (harmless) {
      this.#settled = text.slice(0, from + settled);
    }
    this.#last = { text, harmless };
    return harmless;
  }

  #reading(text: string): Reading {
    try {
      return this.#read(text);
    } catch {
      return { harmless: false, settled: 0 }; // a text on which the parser fails is not shown
    }
  }
}

/** Confirms what a thread shows. */
export const threadConfirmer = () => new Confirmer(readThread);

/** Confirms what the preview of a document shows. */
export const documentConfirmer = () => new Confirmer(readDocument);

const plainInThread = new Set(
  'space heading table hr blockquote list list_item paragraph text escape strong em codespan br del'.split(' '),
);

export function readThread(text: string): Reading {
  const tokens = new Lexer().lex(text);
  let harmless = Object.keys(tokens.links).length === 0;
  walkTokens(tokens, (token) => {
    harmless &&=
      plainInThread.has(token.type) ||
      (token.type === 'code' && !isDrawn(token['lang'])) ||
      (token.type === 'link' && leadsWhereItShows(token['href'], shownBy(token)));
  });
  return { harmless, settled: settledInThread(tokens, text) };
}

/** The text of a link, or the address that is one as it stands. */
function shownBy({ raw, text }: { raw: string; text?: string }): string {
  return raw.startsWith('[') ? (text ?? '') : raw.replace(/^<(.*)>$/, '$1');
}

/** A definition's label, which marked lets run over blank lines. */
const openLabel = /^ {0,3}\[(?:\\[\s\S]|[^[\]\\])*$/;

function settledInThread(tokens: Token[], text: string): number {
  let lines = 0; // tabs have another width in tokens
  let settled = 0;
  for (const [i, token] of tokens.entries()) {
    if (token.type === 'paragraph' && openLabel.test(token.raw)) {
      break;
    }
    lines += token.raw.split('\n').length - 1;
    const before = tokens[i - 1]?.type;
    if (token.type === 'space' && (before === 'paragraph' || before === 'heading')) {
      settled = lines;
    }
  }
  return startOfLine(text, settled);
}

const plainInDocument = new Set(
  (
    'inline text text_special code_inline code_block softbreak hardbreak hr math_inline ' +
    'paragraph heading bullet_list ordered_list list_item blockquote table thead tbody tr th td em strong s'
  ).split(' '),
);

/** CommonJS, with types for another module system. */
const { default: plugin } = math as unknown as { default: (md: MarkdownIt, options: object) => void };

/** As the preview reads with and without mathematics. */
const previews = [preview().use(plugin, { enableFencedBlocks: true }), preview()];

function preview(): MarkdownIt {
  const md = new MarkdownIt({ html: true, linkify: true });
  md.linkify.set({ fuzzyLink: false });
  md.validateLink = () => true;
  md.normalizeLink = (url) => url;
  return md;
}

export function readDocument(text: string): Reading {
  let settled = text.length;
  for (const md of previews) {
    const env: { references?: object } = {};
    const tokens = md.parse(text, env);
    if (env.references || !tokens.every(isPlain)) {
      return { harmless: false, settled: 0 };
    }
    settled = Math.min(settled, settledInDocument(tokens, text));
  }
  return { harmless: true, settled };
}

type DocumentToken = ReturnType<MarkdownIt['parse']>[number];

function isPlain(token: DocumentToken): boolean {
  if (token.type === 'fence') {
    return !isDrawn(token.info);
  }
  return plainInDocument.has(token.type.replace(/_(open|close)$/, '')) && linksArePlain(token.children ?? []);
}

/** Whether what is within a line may be shown. Mathematics there is no Markdown. */
function linksArePlain(tokens: DocumentToken[]): boolean {
  const opened: { href: string; shown: string }[] = [];
  for (const token of tokens) {
    if (token.type === 'link_open') {
      opened.push({ href: token.attrGet('href') ?? '', shown: '' });
    } else if (token.type === 'link_close') {
      const link = opened.pop();
      if (!link || !leadsWhereItShows(link.href, link.shown)) {
        return false;
      }
    } else if (token.type !== 'math_block' && !isPlain(token)) {
      return false;
    }
    for (const link of opened) {
      link.shown += token.content;
    }
  }
  return true;
}

function settledInDocument(tokens: DocumentToken[], text: string): number {
  let settled = 0;
  let end = 0;
  const lines = text.split('\n');
  for (const { type, level, map } of tokens) {
    if (level !== 0) {
      continue;
    }
    if (type === 'paragraph_open' || type === 'heading_open') {
      end = map?.[1] ?? 0;
    } else if (type === 'paragraph_close' || type === 'heading_close') {
      settled = end + 1 < lines.length && /^[ \t]*$/.test(lines[end] ?? '') ? end + 1 : settled;
    }
  }
  return startOfLine(text, settled);
}

/** Where the line with that number begins in text. */
function startOfLine(text: string, number: number): number {
  let at = 0;
  for (let i = 0; i < number; i++) {
    at = text.indexOf('\n', at) + 1;
  }
  return at;
}

/** Whether VS Code draws the code of a block instead of showing it. */
function isDrawn(info: unknown): boolean {
  const [language = ''] = String(info ?? '')
    .trim()
    .split(/\s+/);
  return /\b(mermaid|math)\b/i.test(language);
}

/** Whether a link is one to the web that shows its host, or an address that stands there as it is. */
function leadsWhereItShows(href: string, shown: string): boolean {
  const host = /^https?:\/\/([^/\\?#@]+)(?:[/\\?#]|$)/i.exec(href)?.[1];
  if (host !== undefined) {
    return shown.includes(host);
  }
  const bare = /^((https?|ftp|mailto):|\/\/)/i.test(href);
  return bare && [href, href.replace(/^(mailto:|https?:\/\/)/i, '')].includes(shown);
}
