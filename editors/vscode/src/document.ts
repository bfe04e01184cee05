// Virtual documents of the scheme llmls: a talk as Markdown, live while it grows,
// and reports.

import * as vscode from 'vscode';
import type { Confirmations } from './confirmations.ts';
import { talkDocument } from './markdown.ts';
import { fenced } from './request.ts';
import type { Talk } from './talk.ts';
import type { Talks } from './talks.ts';

export const scheme = 'llmls';

export class Documents implements vscode.TextDocumentContentProvider, vscode.Disposable {
  readonly #talks: Talks;
  readonly #confirmations: Confirmations;
  readonly #reports = new Map<string, { text: string }>();
  /** Talks that were growing when their preview was opened. */
  readonly #growing = new Set<Talk>();
  readonly #changed = new vscode.EventEmitter<vscode.Uri>();
  readonly #subscriptions: vscode.Disposable[];

  readonly onDidChange = this.#changed.event;

  constructor(talks: Talks, confirmations: Confirmations) {
    this.#talks = talks;
    this.#confirmations = confirmations;
    this.#subscriptions = [
      this.#changed,
      vscode.workspace.registerTextDocumentContentProvider(scheme, this),
      talks.onChanged((talk) => this.#changed.fire(uriOf(talk))),
      vscode.workspace.onDidChangeTextDocument(({ document }) => this.#refreshPreview(document)),
    ];
  }

  provideTextDocumentContent(uri: vscode.Uri): string {
    const talk = this.talkOf(uri);
    if (talk) {
      return this.#shown(talk, talkDocument(talk));
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

  talkOf(uri: vscode.Uri): Talk | undefined {
    return uri.scheme === scheme ? this.#talks.find(uri.query) : undefined;
  }

  /** Opens talk as a document, and its preview beside it. */
  async open(talk: Talk): Promise<void> {
    if (talk.state === 'running') {
      this.#growing.add(talk);
    }
    await vscode.window.showTextDocument(uriOf(talk), { preview: false });
    // VS Code drops what changed while it was opening the document.
    this.#changed.fire(uriOf(talk));
    await vscode.commands.executeCommand('markdown.showPreviewToSide', uriOf(talk));
  }

  /** Opens talk as a document beside what has the focus, which stays there. */
  async openBeside(talk: Talk): Promise<void> {
    await vscode.window.showTextDocument(uriOf(talk), {
      viewColumn: vscode.ViewColumn.Beside,
      preserveFocus: true,
      preview: false,
    });
    this.#changed.fire(uriOf(talk)); // as above
  }

  /** A preview misses what changes while it loads. That it is behind for a moment does not matter, but at the end. */
  #refreshPreview(document: vscode.TextDocument): void {
    const talk = this.talkOf(document.uri);
    if (
      talk &&
      talk.state !== 'running' &&
      document.getText() === this.provideTextDocumentContent(document.uri) &&
      this.#growing.delete(talk)
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

function uriOf(talk: Talk): vscode.Uri {
  const name = talk.name.replace(/[/\\:?#]+/g, ' ').trim();
  return vscode.Uri.from({ scheme, path: `/${name}.md`, query: talk.key });
}
