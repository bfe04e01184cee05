// Talks as comment threads at the code they are about.

import { createHash } from 'node:crypto';
import * as vscode from 'vscode';
import type { Confirmations } from './confirmations.ts';
import { inert } from './inert.ts';
import { answerBody, escaped } from './markdown.ts';
import { follow, type Range, same, shownLines } from './range.ts';
import type { Place, State, Talk, Turn } from './talk.ts';
import type { Talks } from './talks.ts';

/** What the reply box hands to a command. */
export type Reply = vscode.CommentReply;

export class Threads implements vscode.Disposable {
  readonly #confirmations: Confirmations;
  readonly #controller: vscode.CommentController;
  readonly #threads = new Map<Talk, vscode.CommentThread>();
  /** Talks of an earlier window whose documents have not been opened yet. */
  readonly #waiting = new Set<Talk>();
  /** What documents without a file held when they were closed. */
  readonly #drafts = new WeakMap<Talk, string>();
  readonly #changed = new vscode.EventEmitter<void>();
  readonly #comments = new WeakMap<Turn, vscode.Comment[]>();
  readonly #mark: vscode.TextEditorDecorationType;
  readonly #subscriptions: vscode.Disposable[];

  /** Fires when there is one more or less, and when one has moved. */
  readonly onChanged = this.#changed.event;

  constructor(talks: Talks, confirmations: Confirmations) {
    this.#confirmations = confirmations;
    this.#controller = vscode.comments.createCommentController('llmls', 'llmls');
    this.#controller.options = { prompt: 'Ask a follow-up…', placeHolder: 'Ask a follow-up about this code' };
    this.#mark = vscode.window.createTextEditorDecorationType({
      isWholeLine: true,
      borderStyle: 'solid',
      borderWidth: '0 0 0 2px',
      borderColor: new vscode.ThemeColor('textLink.foreground'),
      overviewRulerColor: new vscode.ThemeColor('textLink.foreground'),
      overviewRulerLane: vscode.OverviewRulerLane.Left,
    });
    this.#subscriptions = [
      this.#controller,
      this.#mark,
      this.#changed,
      talks.onChanged((talk) => this.#draw(talk)),
      vscode.workspace.onDidChangeTextDocument((e) => this.#edited(e)),
      vscode.workspace.onDidOpenTextDocument((document) => this.#opened(document)),
      vscode.workspace.onDidCloseTextDocument((document) => this.#closed(document)),
      vscode.workspace.onDidSaveTextDocument((document) => this.#saved(document)),
      vscode.workspace.onDidRenameFiles(({ files }) => this.#renamed(files)),
      vscode.window.onDidChangeVisibleTextEditors(() => this.#decorate()),
    ];
  }

  /** Opens the thread of a talk, expanded, without taking the focus. */
  open(talk: Talk, { uri, range }: Place): void {
    // With its comments from the start: an empty thread gets an open reply box.
    const comments = talk.turns.flatMap((turn) => this.#commentsOf(turn, talk.state));
    const thread = this.#controller.createCommentThread(vscode.Uri.parse(uri), shown(range), comments);
    thread.collapsibleState = vscode.CommentThreadCollapsibleState.Expanded;
    thread.canReply = true;
    talk.unseen = unseen(uri);
    this.#threads.set(talk, thread);
    this.#draw(talk);
    this.#decorate();
    this.#changed.fire();
  }

  /** Opens the thread of a talk of an earlier window as soon as its document is open, if the code is still the same. */
  restore(talk: Talk): void {
    this.#waiting.add(talk);
    for (const document of vscode.workspace.textDocuments) {
      this.#opened(document);
    }
  }

  /** Whether talk has a thread, or will have one. */
  holds(talk: Talk): boolean {
    return this.#threads.has(talk) || this.#waiting.has(talk);
  }

  talkOf(thread: vscode.CommentThread): Talk | undefined {
    return [...this.#threads].find(([, one]) => one === thread)?.[0];
  }

  /** The thread that the cursor is in or nearest above, for commands without an argument. */
  nearest(editor: vscode.TextEditor): Talk | undefined {
    const uri = editor.document.uri.toString();
    const here = [...this.#threads.keys()].filter(({ place }) => place?.uri === uri);
    const distance = ({ place }: Talk) => Math.abs((place?.range.end.line ?? 0) - editor.selection.active.line);
    return here.sort((a, b) => distance(a) - distance(b))[0];
  }

  /** Shows the thread of talk where it is. False if that cannot be. */
  async reveal(talk: Talk): Promise<boolean> {
    if (!talk.place || !this.holds(talk)) {
      return false;
    }
    talk.unseen = unseen(talk.place.uri) || (await this.#show(talk, talk.place));
    return talk.unseen === '';
  }

  /** Shows the code of talk, and returns why the thread is not seen there. */
  async #show(talk: Talk, { uri, name, range }: Place): Promise<string> {
    const open = vscode.workspace.textDocuments.some((one) => one.uri.toString() === uri);
    if (!open && uri.startsWith('untitled:')) {
      return `${name} is not there any more.`; // VS Code would make an empty one
    }
    try {
      const editor = await vscode.window.showTextDocument(vscode.Uri.parse(uri));
      editor.revealRange(shown(range), vscode.TextEditorRevealType.InCenterIfOutsideViewport);
    } catch {
      return `${name} is not there any more.`;
    }
    const thread = this.#threads.get(talk);
    if (!thread) {
      return 'The code has changed since.';
    }
    thread.collapsibleState = vscode.CommentThreadCollapsibleState.Expanded;
    return '';
  }

  /** Draws all threads again. */
  redraw(): void {
    for (const talk of this.#threads.keys()) {
      this.#draw(talk);
    }
  }

  dismiss(talk: Talk): void {
    this.#threads.get(talk)?.dispose();
    this.#threads.delete(talk);
    this.#decorate();
    this.#changed.fire();
  }

  #draw(talk: Talk): void {
    const thread = this.#threads.get(talk);
    if (!thread) {
      return;
    }
    thread.label = talk.label(Date.now());
    thread.contextValue = talk.state;
    const before = thread.comments.map((comment) => ({ ...comment, comment }));
    const comments = talk.turns.flatMap((turn) => this.#commentsOf(turn, talk.state));
    const stands = (comment: vscode.Comment, i: number) =>
      comment === before[i]?.comment && comment.body === before[i]?.body && comment.label === before[i]?.label;
    if (comments.length !== before.length || !comments.every(stands)) {
      thread.comments = comments; // VS Code renders all of them anew
    }
  }

  /** The comments of a turn: always the same objects, with the same bodies as long as their text is the same. */
  #commentsOf(turn: Turn, state: State): vscode.Comment[] {
    let comments = this.#comments.get(turn);
    if (!comments) {
      const comment = (author: string) => ({ author: { name: author }, body: '', mode: vscode.CommentMode.Preview });
      comments = [...(turn.shown === undefined ? [] : [comment('You')]), comment('llmls')];
      this.#comments.set(turn, comments);
    }
    const [question] = comments;
    if (turn.shown !== undefined && question?.body === '') {
      const text = turn.shown.split('\n').map(escaped).join('  \n');
      const form = this.#confirmations.inThread(question, text);
      question.body = inert(form === 'text' ? turn.shown : text, form);
    }
    const answer = comments.at(-1);
    if (answer) {
      const text = answerBody(turn, state);
      const body = inert(text, this.#confirmations.inThread(turn, text));
      answer.body = sameText(body, answer.body) ? answer.body : body;
      answer.label = turn.footer;
    }
    return comments;
  }

  #opened(document: vscode.TextDocument): void {
    for (const talk of this.#waiting) {
      const { place } = talk;
      if (place?.uri !== document.uri.toString()) {
        continue;
      }
      this.#waiting.delete(talk);
      if (place.code === digest(document, place.range)) {
        this.open(talk, place);
      } else {
        this.#changed.fire();
      }
    }
  }

  /** Threads go along with their file, also with one in a folder that is renamed. */
  #renamed(files: readonly { oldUri: vscode.Uri; newUri: vscode.Uri }[]): void {
    for (const talk of [...this.#threads.keys(), ...this.#waiting]) {
      const uri = talk.place?.uri ?? '';
      for (const { oldUri, newUri } of files) {
        if (uri === `${oldUri}` || uri.startsWith(`${oldUri}/`)) {
          this.#move(talk, vscode.Uri.parse(`${newUri}${uri.slice(`${oldUri}`.length)}`));
          break;
        }
      }
    }
  }

  /** A document without a file that was closed may have been saved as one; another may get its address. */
  #closed(document: vscode.TextDocument): void {
    for (const [talk, thread] of document.isUntitled ? [...this.#threads] : []) {
      if (talk.place?.uri === document.uri.toString()) {
        talk.place.code = digest(document, talk.place.range);
        this.#drafts.set(talk, document.getText());
        thread.dispose();
        this.#threads.delete(talk);
        this.#waiting.add(talk);
      }
    }
  }

  /** Threads of a document without a file go along when it is saved as one, before or after it is closed. */
  #saved(document: vscode.TextDocument): void {
    for (const talk of [...this.#threads.keys(), ...this.#waiting]) {
      const { place } = talk;
      if (place?.uri.startsWith('untitled:')) {
        const draft = vscode.workspace.textDocuments.find(({ uri }) => uri.toString() === place.uri);
        if ((draft?.getText() ?? this.#drafts.get(talk)) === document.getText()) {
          this.#move(talk, document.uri);
          this.#opened(document);
        }
      }
    }
  }

  #move(talk: Talk, to: vscode.Uri): void {
    talk.move(to.toString(), to.path.slice(to.path.lastIndexOf('/') + 1));
    const thread = this.#threads.get(talk);
    if (thread && talk.place) {
      thread.dispose();
      this.open(talk, talk.place);
    }
  }

  #edited(e: vscode.TextDocumentChangeEvent): void {
    const uri = e.document.uri.toString();
    let moved = false;
    for (const [{ place }, thread] of this.#threads) {
      if (place?.uri !== uri) {
        continue;
      }
      const from = place.range;
      for (const change of e.contentChanges) {
        place.range = follow(place.range, change);
      }
      if (!same(from.start, place.range.start) || !same(from.end, place.range.end)) {
        thread.range = shown(place.range);
        moved = true;
      }
    }
    if (moved) {
      this.#decorate();
      this.#changed.fire();
    }
  }

  /** Marks the code that threads are about. */
  #decorate(): void {
    for (const editor of vscode.window.visibleTextEditors) {
      const uri = editor.document.uri.toString();
      const ranges = [...this.#threads.keys()]
        .filter(({ place }) => place?.uri === uri)
        .map(({ place }) => shown((place as Place).range));
      editor.setDecorations(this.#mark, ranges);
    }
  }

  dispose(): void {
    for (const subscription of this.#subscriptions) {
      subscription.dispose();
    }
  }
}

/** Why a thread at uri is not seen, "" if it is. */
function unseen(uri: string): string {
  if (vscode.workspace.getConfiguration('comments').get<boolean>('visible') === false) {
    return 'Comments are off: set comments.visible to see answers at the code.';
  }
  return uri.startsWith('vscode-notebook-cell:') ? 'VS Code shows no comments in a notebook.' : '';
}

function sameText(a: string | vscode.MarkdownString, b: string | vscode.MarkdownString): boolean {
  return typeof a === 'string' || typeof b === 'string' ? a === b : a.value === b.value;
}

/** A digest of code, to compare it later without keeping it. */
export function digest(document: vscode.TextDocument, { start, end }: Range): string {
  const text = document.getText(new vscode.Range(start.line, start.character, end.line, end.character));
  return createHash('sha256').update(text).digest('base64');
}

function shown(range: Range): vscode.Range {
  const { start, end } = shownLines(range);
  return new vscode.Range(start.line, start.character, end.line, end.character);
}
