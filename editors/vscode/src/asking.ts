// Explain and Ask: from what the person points at to a conversation.

import * as vscode from 'vscode';
import type { Questions } from './ask.ts';
import type { Server } from './client.ts';
import { type Place, titleOf } from './conversation.ts';
import type { Conversations } from './conversations.ts';
import { type Documents, scheme } from './document.ts';
import { known } from './known.ts';
import { type Region, target } from './place.ts';
import type { DryRun, Query } from './protocol.ts';
import { covering, follow, isEmpty, type Range, same, spanning } from './range.ts';
import { requestReport } from './request.ts';
import type { Threads } from './threads.ts';

/** How long the symbols of a document may take; then the line is explained. */
const symbolsTimeout = 500;

/** The schemes of documents that hold no code: logs, and our own. */
const noCode = new Set(['output', scheme]);

export class Asking {
  readonly #server: Server;
  readonly #conversations: Conversations;
  readonly #threads: Threads;
  readonly #documents: Documents;
  readonly #questions: Questions;

  constructor(
    server: Server,
    conversations: Conversations,
    threads: Threads,
    documents: Documents,
    questions: Questions,
  ) {
    this.#server = server;
    this.#conversations = conversations;
    this.#threads = threads;
    this.#documents = documents;
    this.#questions = questions;
  }

  /** Explains what query says, as a code action does, or what the cursor is at. */
  async explain(query?: Query): Promise<void> {
    const about = query ? withAll(query) : await here();
    if (!about) {
      const example = 'Explain an Example';
      const message = `llmls: ${nothingHere()}`;
      if (await vscode.window.showErrorMessage(message, example)) {
        await vscode.commands.executeCommand('llmls.explainExample');
      }
      return;
    }
    await this.#start(query?.diagnostic ? 'Explain problem' : 'Explain', about);
  }

  /** Opens a file and explains all of it. */
  async explainFile(uri: vscode.Uri): Promise<void> {
    const { document } = await vscode.window.showTextDocument(uri);
    const range = { start: { line: 0, character: 0 }, end: plain(document.lineAt(document.lineCount - 1).range).end };
    await this.explain({ uri: uri.toString(), range, version: document.version });
  }

  /** Asks the question of query, or one that the person types. */
  async ask(query?: Query): Promise<void> {
    const editor = vscode.window.activeTextEditor;
    const conversation = editor && this.#documents.conversationOf(editor.document.uri);
    if (conversation) {
      const question = await this.#questions.read('llmls: Ask a Follow-up', conversation.place?.uri);
      if (question) {
        await this.#conversations.reply(conversation, question, question);
      }
      return;
    }
    const at = query ? withAll(query) : await here();
    const [about, question] = await following(at, () => at?.question ?? this.#questions.read('llmls: Ask', at?.uri));
    if (question) {
      await this.#start('Ask', { ...about, question });
    }
  }

  /** Asks what a prompt of the person's own says, about query or what the cursor is at. */
  async prompt(prompt: { name: string; input?: string }, title: string, query?: Query): Promise<void> {
    const about = { ...(query ? withAll(query) : await here()), ...prompt };
    await this.#start('Ask', about, prompt.input ? `${title}: ${prompt.input}` : title);
  }

  /** Shows the request that Explain, or a question, would send. */
  async inspect(): Promise<void> {
    const about = await here();
    const placeholder = about ? 'A question, or nothing to explain the code' : 'A question';
    const question = await this.#questions.read('llmls: Inspect Request, which sends nothing', about?.uri, placeholder);
    if (question === undefined || (question === '' && !about)) {
      return;
    }
    const query = { ...about, ...(await known(about ?? {})), ...(question && { question }), dryRun: true };
    const request = await this.#server.run<DryRun>(question ? 'llmls.ask' : 'llmls.explain', query);
    await this.#documents.report('Request.md', requestReport(request));
  }

  async #start(what: string, query: Query, shown = query.question): Promise<void> {
    const place = placeOf(query);
    const conversation = this.#conversations.create(titleOf(what, place, shown), place);
    const context = known(query);
    const running = this.#conversations.ask(conversation, followed(query), shown, context);
    if (!place) {
      await this.#documents.open(conversation);
    } else {
      await context; // first, for it comes through the thread of the window that draws
      this.#threads.open(conversation, place);
      if (conversation.unseen !== '') {
        await this.#documents.openBeside(conversation);
      }
    }
    await running;
  }
}

/** What query is about after action, its range as it has followed the edits meanwhile. */
async function following<T>(query: Query | undefined, action: () => T | Promise<T>): Promise<[Query | undefined, T]> {
  let about = query;
  const edits = vscode.workspace.onDidChangeTextDocument(({ document, contentChanges }) => {
    if (about?.range && about.uri === document.uri.toString()) {
      about = { ...about, range: contentChanges.reduce(follow, about.range), version: document.version };
    }
  });
  try {
    const result = await action();
    return [about, result];
  } finally {
    edits.dispose();
  }
}

/** The query without its version if that is the newest: from now on its place follows edits. */
function followed({ version, ...query }: Query): Query {
  const document = vscode.workspace.textDocuments.find(({ uri }) => uri.toString() === query.uri);
  return version === undefined || version === document?.version ? query : { ...query, version };
}

function placeOf({ uri, range }: Query): Place | undefined {
  if (uri === undefined || range === undefined) {
    return undefined;
  }
  const { path } = vscode.Uri.parse(uri);
  return { uri, range, name: path.slice(path.lastIndexOf('/') + 1) };
}

/** The selection, function or line of the active editor, or the cell that is selected in a notebook. */
async function here(): Promise<Query | undefined> {
  const editor = vscode.window.activeTextEditor;
  if (!editor) {
    return cellHere();
  }
  const { document, selection } = editor;
  if (noCode.has(document.uri.scheme)) {
    return undefined;
  }
  const selections = editor.selections.map(plain);
  const selected = covering(selections) ?? spanning(selections) ?? plain(selection);
  const symbols = isEmpty(selected) ? await symbolsOf(document.uri) : [];
  const line = document.lineAt(selection.active.line);
  const range = target(selected, symbols, line.text.length);
  return { uri: document.uri.toString(), range, version: document.version };
}

/** The selected cell of a notebook in which no text has the focus, such as a cell of Markdown that is shown. */
function cellHere(): Query | undefined {
  const { notebook, selection } = vscode.window.activeNotebookEditor ?? {};
  if (!notebook || !selection || selection.isEmpty) {
    return undefined;
  }
  const { document } = notebook.cellAt(selection.start);
  const { end } = plain(document.lineAt(document.lineCount - 1).range);
  return { uri: document.uri.toString(), range: { start: { line: 0, character: 0 }, end }, version: document.version };
}

/** The query of a code action about a selection, which is about the first one, with all that are selected. */
function withAll(query: Query): Query {
  const editor = vscode.window.activeTextEditor;
  const all = editor?.document.uri.toString() === query.uri ? editor?.selections.map(plain) : undefined;
  const [first] = all ?? [];
  const range = covering(all ?? []);
  const about = first && query.range && same(first.start, query.range.start) && same(first.end, query.range.end);
  return about && range && !query.diagnostic ? { ...query, range } : query;
}

/** Why here has nothing. */
function nothingHere(): string {
  return vscode.window.tabGroups.activeTabGroup.activeTab?.input instanceof vscode.TabInputText
    ? 'Copy what you want explained into a new file: this one is over 50 MB, and VS Code shows it to no extension.'
    : 'Open a file first: there is no code to explain.';
}

async function symbolsOf(uri: vscode.Uri): Promise<Region[]> {
  const found = vscode.commands.executeCommand<vscode.DocumentSymbol[] | undefined>(
    'vscode.executeDocumentSymbolProvider',
    uri,
  );
  const late = new Promise<undefined>((resolve) => setTimeout(resolve, symbolsTimeout, undefined));
  const reduced = (list: vscode.DocumentSymbol[]): Region[] =>
    list.map(({ kind, range, children }) => ({ kind, range: plain(range), children: reduced(children ?? []) }));
  const symbols = await Promise.race([Promise.resolve(found).catch(() => undefined), late]);
  // A provider of the old form gives symbols without a range of their own.
  return reduced((symbols ?? []).filter((symbol) => symbol.range !== undefined));
}

function plain(range: vscode.Range): Range {
  return {
    start: { line: range.start.line, character: range.start.character },
    end: { line: range.end.line, character: range.end.character },
  };
}
