// Talks as comment threads at the code they are about.

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
  readonly #comments = new WeakMap<Turn, vscode.Comment[]>();
  readonly #mark: vscode.TextEditorDecorationType;
  readonly #subscriptions: vscode.Disposable[];

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
      talks.onChanged((talk) => this.#draw(talk)),
      vscode.workspace.onDidChangeTextDocument((e) => this.#edited(e)),
      vscode.window.onDidChangeVisibleTextEditors(() => this.#decorate()),
    ];
  }

  /** Opens the thread of a talk, expanded, without taking the focus. */
  open(talk: Talk, { uri, range }: Place): void {
    // With its comments from the start: an empty thread gets an open reply box.
    const comments = talk.turns.flatMap((turn) => this.#commentsOf(turn, Date.now()));
    const thread = this.#controller.createCommentThread(vscode.Uri.parse(uri), shown(range), comments);
    thread.collapsibleState = vscode.CommentThreadCollapsibleState.Expanded;
    thread.canReply = true;
    this.#threads.set(talk, thread);
    this.#draw(talk);
    this.#decorate();
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
  }

  #draw(talk: Talk): void {
    const thread = this.#threads.get(talk);
    if (!thread) {
      return;
    }
    const now = Date.now();
    thread.label = talk.label(now);
    thread.contextValue = talk.state;
    thread.comments = talk.turns.flatMap((turn) => this.#commentsOf(turn, now));
  }

  /** The comments of a turn: always the same objects, so that VS Code redraws only what changed. */
  #commentsOf(turn: Turn, now: number): vscode.Comment[] {
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
      answer.label = turn.footer(now);
    }
    return comments;
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

function shown(range: Range): vscode.Range {
  const { start, end } = shownLines(range);
  return new vscode.Range(start.line, start.character, end.line, end.character);
}
