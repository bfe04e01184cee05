// Explain and Ask: from what the person points at to a talk.

import * as vscode from 'vscode';
import type { Questions } from './ask.ts';
import type { Server } from './client.ts';
import { type Documents, scheme } from './document.ts';
import { type Region, target } from './place.ts';
import type { DryRun, Query } from './protocol.ts';
import type { Range } from './range.ts';
import { requestReport } from './request.ts';
import { type Place, titleOf } from './talk.ts';
import type { Talks } from './talks.ts';
import type { Threads } from './threads.ts';

/** How long the symbols of a document may take; then the line is explained. */
const symbolsTimeout = 500;

/** Documents that hold no code: logs, and our own. */
const noCode = new Set(['output', scheme]);

export class Asking {
  readonly #server: Server;
  readonly #talks: Talks;
  readonly #threads: Threads;
  readonly #documents: Documents;
  readonly #questions: Questions;

  constructor(server: Server, talks: Talks, threads: Threads, documents: Documents, questions: Questions) {
    this.#server = server;
    this.#talks = talks;
    this.#threads = threads;
    this.#documents = documents;
    this.#questions = questions;
  }

  /** Explains what query says, as a code action does, or what the cursor is at. */
  async explain(query?: Query): Promise<void> {
    const about = query ?? (await here());
    if (!about) {
      const example = 'Explain an Example';
      const message = 'llmls: There is no code to explain. Open a file first.';
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
    const talk = editor && this.#documents.talkOf(editor.document.uri);
    if (talk) {
      const question = await this.#questions.read('llmls: Ask a Follow-up');
      if (question !== undefined) {
        await this.#talks.ask(talk, talk.followUp(question), question);
      }
      return;
    }
    const about = query ?? (await here());
    const question = about?.question ?? (await this.#questions.read('llmls: Ask'));
    if (question !== undefined) {
      await this.#start('Ask', { ...about, question });
    }
  }

  /** Shows the request that Explain, or a question, would send. */
  async inspect(): Promise<void> {
    const about = await here();
    const question = await vscode.window.showInputBox({
      title: 'llmls: Inspect Request',
      prompt: 'Nothing is sent.',
      placeHolder: about ? 'A question, or nothing to explain the code' : 'A question',
    });
    if (question === undefined || (question === '' && !about)) {
      return;
    }
    const query = { ...about, ...(question && { question }), dryRun: true };
    const request = await this.#server.run<DryRun>(question ? 'llmls.ask' : 'llmls.explain', query);
    await this.#documents.report('Request.md', requestReport(request));
  }

  async #start(what: string, query: Query): Promise<void> {
    const place = placeOf(query);
    const talk = this.#talks.create(titleOf(what, place, query.question), place);
    const running = this.#talks.ask(talk, query, query.question);
    if (place) {
      this.#threads.open(talk, place);
    } else {
      await this.#documents.open(talk);
    }
    await running;
  }
}

function placeOf({ uri, range }: Query): Place | undefined {
  if (uri === undefined || range === undefined) {
    return undefined;
  }
  const { path } = vscode.Uri.parse(uri);
  return { uri, range, name: path.slice(path.lastIndexOf('/') + 1) };
}

/** The selection, function or line of the active editor. */
async function here(): Promise<Query | undefined> {
  const editor = vscode.window.activeTextEditor;
  if (!editor || noCode.has(editor.document.uri.scheme)) {
    return undefined;
  }
  const { document, selection } = editor;
  const symbols = selection.isEmpty ? await symbolsOf(document.uri) : [];
  const line = document.lineAt(selection.active.line);
  const range = target(plain(selection), symbols, line.text.length);
  return { uri: document.uri.toString(), range, version: document.version };
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
