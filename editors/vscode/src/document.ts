// Virtual documents of the scheme llmls: a talk as Markdown, live while it grows,
// and reports.

import * as vscode from 'vscode';
import { talkDocument } from './markdown.ts';
import type { Talk } from './talk.ts';
import type { Talks } from './talks.ts';

export const scheme = 'llmls';

export class Documents implements vscode.TextDocumentContentProvider, vscode.Disposable {
  readonly #talks: Talks;
  readonly #reports = new Map<string, string>();
  /** Talks that were growing when their preview was opened. */
  readonly #growing = new Set<Talk>();
  readonly #changed = new vscode.EventEmitter<vscode.Uri>();
  readonly #subscriptions: vscode.Disposable[];

  readonly onDidChange = this.#changed.event;

  constructor(talks: Talks) {
    this.#talks = talks;
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
      return talkDocument(talk);
    }
    return this.#reports.get(uri.path) ?? 'This was of an earlier session.\n';
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

  /** A preview misses what changes while it loads. That it is behind for a moment does not matter, but at the end. */
  #refreshPreview(document: vscode.TextDocument): void {
    const talk = this.talkOf(document.uri);
    if (talk && talk.state !== 'running' && document.getText() === talkDocument(talk) && this.#growing.delete(talk)) {
      vscode.commands.executeCommand('markdown.preview.refresh');
    }
  }

  /** Shows a text of ours under a name such as "Check Setup.md". */
  async report(name: string, text: string): Promise<void> {
    const uri = vscode.Uri.from({ scheme, path: `/${name}` });
    this.#reports.set(uri.path, text);
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
  const name = talk.title.replace(/[/\\:?#]+/g, ' ').trim();
  return vscode.Uri.from({ scheme, path: `/${name}.md`, query: talk.key });
}
