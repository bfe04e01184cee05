// Conversations as comment threads at the code they are about.

import { createHash } from 'node:crypto';
import * as vscode from 'vscode';
import type { Confirmations } from './confirmations.ts';
import type { Conversation, Place, State, Turn } from './conversation.ts';
import type { Conversations } from './conversations.ts';
import { inert } from './inert.ts';
import { answerBody, escaped } from './markdown.ts';
import { before, follow, lineNumbers, type Range, shownLines } from './range.ts';

/** The authority of the addresses of its reply boxes. */
export const controllerId = 'llmls';

/** What the reply box hands to a command. */
export type Reply = vscode.CommentReply;

export class Threads implements vscode.Disposable {
  readonly #conversations: Conversations;
  readonly #confirmations: Confirmations;
  readonly #controller: vscode.CommentController;
  readonly #threads = new Map<Conversation, vscode.CommentThread>();
  /** Conversations of an earlier window whose documents have not been opened yet. */
  readonly #waiting = new Set<Conversation>();
  /** What documents without a file held when they were closed. */
  readonly #drafts = new WeakMap<Conversation, string>();
  readonly #changed = new vscode.EventEmitter<void>();
  readonly #comments = new WeakMap<Turn, vscode.Comment[]>();
  readonly #mark: vscode.TextEditorDecorationType;
  readonly #subscriptions: vscode.Disposable[];

  /** Fires when there is one more or less, and when the code of one has moved or changed. */
  readonly onChanged = this.#changed.event;

  constructor(conversations: Conversations, confirmations: Confirmations) {
    this.#conversations = conversations;
    this.#confirmations = confirmations;
    this.#controller = vscode.comments.createCommentController(controllerId, 'llmls');
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
      conversations.onChanged((conversation) => this.#draw(conversation)),
      vscode.workspace.onDidChangeTextDocument((e) => this.#edited(e)),
      vscode.workspace.onDidOpenTextDocument((document) => this.#opened(document)),
      vscode.workspace.onDidCloseTextDocument((document) => this.#closed(document)),
      vscode.workspace.onDidSaveTextDocument((document) => this.#saved(document)),
      vscode.workspace.onDidRenameFiles(({ files }) => this.#renamed(files)),
      vscode.window.onDidChangeVisibleTextEditors(() => this.#decorate()),
    ];
  }

  /** Opens the thread of a conversation, expanded, without taking the focus. */
  open(conversation: Conversation, { uri, range }: Place): void {
    // With its comments from the start: an empty thread gets an open reply box.
    const comments = conversation.turns.flatMap((turn) => this.#commentsOf(turn, conversation.state));
    const thread = this.#controller.createCommentThread(vscode.Uri.parse(uri), shown(range), comments);
    thread.collapsibleState = vscode.CommentThreadCollapsibleState.Expanded;
    thread.canReply = true;
    conversation.unseen = unseen(uri);
    this.#threads.set(conversation, thread);
    this.#draw(conversation);
    this.#decorate();
    this.#changed.fire();
  }

  /** Opens the thread of a conversation of an earlier window as soon as its document is open, if the code is still the same. */
  restore(conversation: Conversation): void {
    this.#waiting.add(conversation);
    for (const document of vscode.workspace.textDocuments) {
      this.#opened(document);
    }
  }

  /** Whether conversation has a thread, or will have one. */
  holds(conversation: Conversation): boolean {
    return this.#threads.has(conversation) || this.#waiting.has(conversation);
  }

  conversationOf(thread: vscode.CommentThread): Conversation | undefined {
    return [...this.#threads].find(([, one]) => one === thread)?.[0];
  }

  /** The thread that the cursor is in or nearest above, for commands without an argument. */
  nearest(editor: vscode.TextEditor): Conversation | undefined {
    const uri = editor.document.uri.toString();
    const here = [...this.#threads.keys()].filter(({ place }) => place?.uri === uri);
    const distance = ({ place }: Conversation) => Math.abs((place?.range.end.line ?? 0) - editor.selection.active.line);
    return here.sort((a, b) => distance(a) - distance(b))[0];
  }

  /** Shows the thread of conversation where it is. False if that cannot be. */
  async reveal(conversation: Conversation): Promise<boolean> {
    if (!conversation.place || !this.holds(conversation)) {
      return false;
    }
    conversation.unseen = unseen(conversation.place.uri) || (await this.#show(conversation, conversation.place));
    return conversation.unseen === '';
  }

  /** Shows the code of conversation, and returns why the thread is not seen there. */
  async #show(conversation: Conversation, { uri, name, range }: Place): Promise<string> {
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
    const thread = this.#threads.get(conversation);
    if (!thread) {
      return 'The code has changed since.';
    }
    thread.collapsibleState = vscode.CommentThreadCollapsibleState.Expanded;
    return '';
  }

  /** Draws all threads again. */
  redraw(): void {
    for (const conversation of this.#threads.keys()) {
      this.#draw(conversation);
    }
  }

  dismiss(conversation: Conversation): void {
    this.#threads.get(conversation)?.dispose();
    this.#threads.delete(conversation);
    this.#decorate();
    this.#changed.fire();
  }

  #draw(conversation: Conversation): void {
    const thread = this.#threads.get(conversation);
    if (!thread) {
      return;
    }
    thread.label = conversation.label(Date.now());
    thread.contextValue = conversation.state;
    const before = thread.comments.map((comment) => ({ ...comment, comment }));
    const comments = conversation.turns.flatMap((turn) => this.#commentsOf(turn, conversation.state));
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
    for (const conversation of this.#waiting) {
      const { place } = conversation;
      if (place?.uri !== document.uri.toString()) {
        continue;
      }
      this.#waiting.delete(conversation);
      if (place.code === digest(document, place.range)) {
        this.open(conversation, place);
      } else {
        this.#changed.fire();
      }
    }
  }

  /** Threads go along with their file, also with one in a folder that is renamed. */
  #renamed(files: readonly { oldUri: vscode.Uri; newUri: vscode.Uri }[]): void {
    for (const conversation of [...this.#threads.keys(), ...this.#waiting]) {
      const uri = conversation.place?.uri ?? '';
      for (const { oldUri, newUri } of files) {
        if (uri === `${oldUri}` || uri.startsWith(`${oldUri}/`)) {
          this.#move(conversation, vscode.Uri.parse(`${newUri}${uri.slice(`${oldUri}`.length)}`));
          break;
        }
      }
    }
  }

  /** A document without a file that was closed may have been saved as one; another may get its address. */
  #closed(document: vscode.TextDocument): void {
    for (const [conversation, thread] of document.isUntitled ? [...this.#threads] : []) {
      if (conversation.place?.uri === document.uri.toString()) {
        conversation.place.code = digest(document, conversation.place.range);
        this.#drafts.set(conversation, document.getText());
        thread.dispose();
        this.#threads.delete(conversation);
        this.#waiting.add(conversation);
      }
    }
  }

  /** Threads of a document without a file go along when it is saved as one, before or after it is closed. */
  #saved(document: vscode.TextDocument): void {
    for (const conversation of [...this.#threads.keys(), ...this.#waiting]) {
      const { place } = conversation;
      if (place?.uri.startsWith('untitled:')) {
        const draft = vscode.workspace.textDocuments.find(({ uri }) => uri.toString() === place.uri);
        if ((draft?.getText() ?? this.#drafts.get(conversation)) === document.getText()) {
          this.#move(conversation, document.uri);
          this.#opened(document);
        }
      }
    }
  }

  #move(conversation: Conversation, to: vscode.Uri): void {
    conversation.move(to.toString(), to.path.slice(to.path.lastIndexOf('/') + 1));
    const thread = this.#threads.get(conversation);
    if (thread && conversation.place) {
      thread.dispose();
      this.open(conversation, conversation.place);
    }
  }

  #edited(e: vscode.TextDocumentChangeEvent): void {
    const uri = e.document.uri.toString();
    let touched = false;
    let moved = false;
    for (const conversation of this.#conversations.all) {
      const { place } = conversation;
      if (place?.uri !== uri) {
        continue;
      }
      const thread = this.#threads.get(conversation);
      const lines = lineNumbers(place.range);
      for (const change of e.contentChanges) {
        touched ||= thread !== undefined && before(change.range.start, place.range.end);
        place.range = follow(place.range, change);
      }
      // VS Code lays a thread out anew for each range, also where its lines stay the same.
      if (thread && lineNumbers(place.range) !== lines) {
        thread.range = shown(place.range);
        moved = true;
      }
    }
    if (moved) {
      this.#decorate();
    }
    if (touched) {
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
