// Virtual documents of the scheme llmls: a conversation as Markdown, live while it grows,
// and reports.

import * as vscode from 'vscode';
import type { Confirmations } from './confirmations.ts';
import type { Conversation } from './conversation.ts';
import type { Conversations } from './conversations.ts';
import { conversationDocument } from './markdown.ts';
import { fenced } from './request.ts';

export const scheme = 'llmls';

export class Documents implements vscode.TextDocumentContentProvider, vscode.Disposable {
  readonly #conversations: Conversations;
  readonly #confirmations: Confirmations;
  readonly #reports = new Map<string, { text: string }>();
  /** Conversations that were growing when their preview was opened. */
  readonly #growing = new Set<Conversation>();
  readonly #changed = new vscode.EventEmitter<vscode.Uri>();
  readonly #subscriptions: vscode.Disposable[];

  readonly onDidChange = this.#changed.event;

  constructor(conversations: Conversations, confirmations: Confirmations) {
    this.#conversations = conversations;
    this.#confirmations = confirmations;
    this.#subscriptions = [
      this.#changed,
      vscode.workspace.registerTextDocumentContentProvider(scheme, this),
      conversations.onChanged((conversation) => this.#changed.fire(uriOf(conversation))),
      vscode.workspace.onDidChangeTextDocument(({ document }) => this.#refreshPreview(document)),
    ];
  }

  provideTextDocumentContent(uri: vscode.Uri): string {
    const conversation = this.conversationOf(uri);
    if (conversation) {
      return this.#shown(conversation, conversationDocument(conversation));
    }
    const report = this.#reports.get(uri.path);
    return report ? this.#shown(report, report.text) : 'This was of an earlier session.\n';
  }

  /** The text of owner as a document: as a block of code unless the preview may show it as Markdown. */
  #shown(owner: object, text: string): string {
    switch (this.#confirmations.inDocument(owner, text)) {
      case 'markdown':
        return text;
      case 'text':
        return fenced(text, 'text');
      case 'later':
        return '';
    }
  }

  conversationOf(uri: vscode.Uri): Conversation | undefined {
    return uri.scheme === scheme ? this.#conversations.find(uri.query) : undefined;
  }

  /** Opens conversation as a document, and its preview beside it. */
  async open(conversation: Conversation): Promise<void> {
    if (conversation.state === 'running') {
      this.#growing.add(conversation);
    }
    await vscode.window.showTextDocument(uriOf(conversation), { preview: false });
    // VS Code drops what changed while it was opening the document.
    this.#changed.fire(uriOf(conversation));
    await vscode.commands.executeCommand('markdown.showPreviewToSide', uriOf(conversation));
  }

  /** Opens conversation as a document beside what has the focus, which stays there. */
  async openBeside(conversation: Conversation): Promise<void> {
    await vscode.window.showTextDocument(uriOf(conversation), {
      viewColumn: vscode.ViewColumn.Beside,
      preserveFocus: true,
      preview: false,
    });
    this.#changed.fire(uriOf(conversation)); // as above
  }

  /** A preview misses what changes while it loads. That it is behind for a moment does not matter, but at the end. */
  #refreshPreview(document: vscode.TextDocument): void {
    const conversation = this.conversationOf(document.uri);
    if (
      conversation &&
      conversation.state !== 'running' &&
      document.getText() === this.provideTextDocumentContent(document.uri) &&
      this.#growing.delete(conversation)
    ) {
      vscode.commands.executeCommand('markdown.preview.refresh');
    }
  }

  /** Shows all documents again. */
  redraw(): void {
    for (const { uri } of vscode.workspace.textDocuments) {
      if (uri.scheme === scheme) {
        this.#changed.fire(uri);
      }
    }
  }

  /** Shows a text of ours under a name such as "Check Setup.md". */
  async report(name: string, text: string): Promise<void> {
    const uri = vscode.Uri.from({ scheme, path: `/${name}` });
    this.#reports.set(uri.path, { text });
    this.#changed.fire(uri);
    await vscode.window.showTextDocument(uri, { preview: false });
  }

  dispose(): void {
    for (const subscription of this.#subscriptions) {
      subscription.dispose();
    }
  }
}

function uriOf(conversation: Conversation): vscode.Uri {
  const name = conversation.name.replace(/[/\\:?#]+/g, ' ').trim();
  return vscode.Uri.from({ scheme, path: `/${name}.md`, query: conversation.key });
}
