// Talks as comment threads at the code they are about.

import { createHash } from 'node:crypto';
import * as vscode from 'vscode';
import { inert } from './inert.ts';
import { answerBody, escaped } from './markdown.ts';
import { follow, type Range, same, shownLines } from './range.ts';
import type { Place, Talk, Turn } from './talk.ts';
import type { Talks } from './talks.ts';

/** What the reply box hands to a command. */
export type Reply = vscode.CommentReply;

export class Threads implements vscode.Disposable {
  readonly #controller: vscode.CommentController;
  readonly #threads = new Map<Talk, vscode.CommentThread>();
  /** Talks of an earlier window whose documents have not been opened yet. */
  readonly #waiting = new Set<Talk>();
  readonly #changed = new vscode.EventEmitter<void>();
  readonly #comments = new WeakMap<Turn, vscode.Comment[]>();
  readonly #mark: vscode.TextEditorDecorationType;
  readonly #subscriptions: vscode.Disposable[];

  /** Fires when there is one more or less, and when one has moved. */
  readonly onChanged = this.#changed.event;

  constructor(talks: Talks) {
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
      vscode.window.onDidChangeVisibleTextEditors(() => this.#decorate()),
    ];
  }

  /** Opens the thread of a talk, expanded, without taking the focus. */
  open(talk: Talk, { uri, range }: Place): void {
    // With its comments from the start: an empty thread gets an open reply box.
    const comments = talk.turns.flatMap((turn) => this.#commentsOf(turn));
    const thread = this.#controller.createCommentThread(vscode.Uri.parse(uri), shown(range), comments);
    thread.collapsibleState = vscode.CommentThreadCollapsibleState.Expanded;
    thread.canReply = true;
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

  /** Shows the thread of talk where it is. False if it has none any more. */
  async reveal(talk: Talk): Promise<boolean> {
    const thread = this.#threads.get(talk);
    if (!thread?.range) {
      return false;
    }
    thread.collapsibleState = vscode.CommentThreadCollapsibleState.Expanded;
    const editor = await vscode.window.showTextDocument(thread.uri);
    editor.revealRange(thread.range, vscode.TextEditorRevealType.InCenterIfOutsideViewport);
    return true;
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
    thread.comments = talk.turns.flatMap((turn) => this.#commentsOf(turn));
  }

  /** The comments of a turn: always the same objects, so that VS Code redraws only what changed. */
  #commentsOf(turn: Turn): vscode.Comment[] {
    let comments = this.#comments.get(turn);
    if (!comments) {
      const comment = (author: string) => ({ author: { name: author }, body: '', mode: vscode.CommentMode.Preview });
      comments = [...(turn.shown === undefined ? [] : [comment('You')]), comment('llmls')];
      this.#comments.set(turn, comments);
      if (turn.shown !== undefined && comments[0]) {
        comments[0].body = inert(turn.shown.split('\n').map(escaped).join('  \n'));
      }
    }
    const answer = comments.at(-1);
    if (answer) {
      answer.body = inert(answerBody(turn));
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

/** Tells whether code is still the same, without keeping it. */
export function digest(document: vscode.TextDocument, { start, end }: Range): string {
  const text = document.getText(new vscode.Range(start.line, start.character, end.line, end.character));
  return createHash('sha256').update(text).digest('base64');
}

function shown(range: Range): vscode.Range {
  const { start, end } = shownLines(range);
  return new vscode.Range(start.line, start.character, end.line, end.character);
}
