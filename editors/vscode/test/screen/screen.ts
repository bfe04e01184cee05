// What stands on the screen of VS Code, and its buttons. Waiting is always for something to be seen.

import { mkdirSync } from 'node:fs';
import path from 'node:path';
import type { SuiteContext } from 'node:test';
import type { FrameLocator, Page } from 'playwright-core';

const shots = path.resolve(import.meta.dirname, '../../../../.cache/vscode-shots');

/** How long anything may take to be seen; it only turns a hang into a failure. */
export const patience = 60_000;

export interface Thread {
  label: string;
  comments: { author: string; label: string; body: string }[];
  buttons: string[];
}

export class Screen {
  readonly page: Page;

  constructor(page: Page) {
    this.page = page;
  }

  /** After each test: keeps what was on the screen when it failed. */
  async keepFailure({ name, passed }: SuiteContext): Promise<void> {
    if (!passed) {
      await this.screenshot(`failed ${name.slice(0, 40)}`);
    }
  }

  async screenshot(name: string): Promise<void> {
    mkdirSync(shots, { recursive: true });
    await this.page.screenshot({ path: path.join(shots, `${name}.png`) });
  }

  /** Polls until test holds of what read returns. */
  async until<T>(what: string, read: () => Promise<T>, test: (seen: T) => boolean): Promise<T> {
    let last: T | undefined;
    let late = false;
    const deadline = new Promise<undefined>((resolve) =>
      setTimeout(() => {
        late = true;
        resolve(undefined);
      }, patience).unref(),
    );
    const poll = async () => {
      while (!late) {
        last = await read();
        if (test(last)) {
          return { seen: last };
        }
        await new Promise((resolve) => setTimeout(resolve, 40));
      }
      return undefined;
    };
    const found = await Promise.race([poll(), deadline]); // a page that hangs does not hang the test
    if (found) {
      return found.seen;
    }
    throw new Error(`not seen: ${what}; last: ${JSON.stringify(last)?.slice(0, 1500)}`);
  }

  async texts(selector: string): Promise<string[]> {
    const all = await this.page.$$eval(selector, (elements) =>
      elements.filter((e) => e.getClientRects().length > 0).map((e) => (e as HTMLElement).innerText),
    );
    return all.map((text) => text.replace(/\u00a0/g, ' ').trim()).filter(Boolean);
  }

  async position(): Promise<string> {
    return (await this.texts('.statusbar-item')).find((text) => text.startsWith('Ln ')) ?? '';
  }

  async status(): Promise<string> {
    return (await this.texts('.statusbar-item')).find((text) => text.includes('llmls')) ?? '';
  }

  notifications(): Promise<string[]> {
    return this.texts('.notifications-toasts .notification-list-item-message');
  }

  rows(): Promise<string[]> {
    return this.texts('.quick-input-widget .monaco-list-row');
  }

  /** Which part has the focus. */
  focus(): Promise<string> {
    return this.page.evaluate(() => {
      const at = document.activeElement;
      if (at?.closest('.review-widget')) {
        return 'thread';
      }
      return at?.closest('.editor-instance') ? 'editor' : (at?.closest('.part')?.id ?? at?.className ?? '');
    });
  }

  /** How far the code is scrolled. */
  scroll(): Promise<string> {
    return this.page.evaluate(() => {
      const lines = [
        ...document.querySelectorAll(
          '.editor-group-container.active .editor-instance .margin-view-overlays .line-numbers',
        ),
      ];
      return lines.map((e) => e.textContent ?? '').sort((a, b) => Number(a) - Number(b))[0] ?? '';
    });
  }

  threads(): Promise<Thread[]> {
    return this.page.$$eval('.review-widget', (widgets) => {
      const text = (e: Element | null) => ((e as HTMLElement | null)?.innerText ?? '').replace(/\u00a0/g, ' ').trim();
      return widgets
        .filter((w) => w.getClientRects().length > 0)
        .map((w) => ({
          label: text(w.querySelector('.head .filename')),
          comments: [...w.querySelectorAll('.review-comment')].map((c) => ({
            author: text(c.querySelector('.author')),
            label: text(c.querySelector('.isPending')),
            body: text(c.querySelector('.comment-body')),
          })),
          buttons: [...w.querySelectorAll('.head .action-label')]
            .map((a) => a.getAttribute('aria-label') ?? '')
            .filter(Boolean),
        }));
    });
  }

  /** Waits for a thread that test holds of. */
  async thread(what: string, test: (thread: Thread) => boolean, nth = 0): Promise<Thread> {
    const seen = await this.until(
      what,
      () => this.threads(),
      (threads) => {
        const one = threads[nth];
        return one !== undefined && test(one);
      },
    );
    return seen[nth] as Thread;
  }

  /** What stands in the editors, those of the first group first. */
  async editorText(): Promise<string> {
    return this.page.evaluate(() => {
      const top = (line: Element) => Number.parseInt((line as HTMLElement).style.top, 10);
      return [...document.querySelectorAll('.editor-group-container')]
        .map((group) =>
          [...group.querySelectorAll('.editor-instance .view-lines > .view-line')]
            .filter((line) => !line.closest('.review-widget'))
            .sort((a, b) => top(a) - top(b))
            .map((line) => (line as HTMLElement).innerText.replace(/\u00a0/g, ' '))
            .join('\n'),
        )
        .join('\n');
    });
  }

  /** What VS Code has kept of the extension, as JSON: a browser keeps its storages in databases of its own. */
  stored(): Promise<string> {
    return this.page.evaluate(async () => {
      const result = <T>(request: IDBRequest<T>) =>
        new Promise<T>((resolve, reject) => {
          request.onsuccess = () => resolve(request.result);
          request.onerror = () => reject(request.error);
        });
      const found: unknown[] = [];
      for (const { name = '' } of await indexedDB.databases()) {
        const database = await result(indexedDB.open(name));
        for (const store of database.objectStoreNames) {
          found.push(await result(database.transaction(store).objectStore(store).get('llmls.llmls')));
        }
        database.close();
      }
      return JSON.stringify(found);
    });
  }

  /** Waits until test holds of what VS Code has kept: it tells of nothing that it has written. */
  async kept(what: string, test: (stored: string) => boolean): Promise<void> {
    await this.until(what, () => this.stored(), test);
  }

  /** The preview of a Markdown document. New content is loaded in #pending-frame, which then becomes this one. */
  preview(): FrameLocator {
    return this.page.frameLocator('iframe.webview.ready').frameLocator('iframe#active-frame');
  }

  tabs(): Promise<string[]> {
    return this.texts('.tabs-container .tab .label-name');
  }

  async notificationButton(label: string): Promise<void> {
    await this.page.locator('.notifications-toasts .monaco-button', { hasText: label }).first().click();
  }
}
