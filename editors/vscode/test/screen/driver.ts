// A real VS Code (code-server in headless Chromium), driven as a person does:
// keys, menus, boxes. What is seen is in screen.ts.

import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import {
  appendFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { type Browser, chromium, type Page } from 'playwright-core';
import { quiet } from './quiet.ts';
import { patience, Screen } from './screen.ts';

const fetched = process.env['FETCHED'] ?? path.resolve(import.meta.dirname, '../../../../.cache/vscode');
const node = path.join(fetched, 'bin/node');
const codeServer = path.join(fetched, 'node_modules/code-server/out/node/entry.js');
const extension = path.resolve(import.meta.dirname, '../..');

const screen = {
  viewport: { width: 1280, height: 800 },
  permissions: ['clipboard-read', 'clipboard-write'],
  reducedMotion: 'reduce' as const,
};

export interface Options {
  files: Record<string, string>; // of the workspace
  settings?: Record<string, unknown>; // of the user
  env?: Record<string, string>;
  vsix?: string;
  also?: string; // the directory of another extension
  height?: number;
}

/** Starts VS Code with the packaged extension and the files as its workspace. */
export async function launch(options: Options): Promise<VSCode> {
  const dir = mkdtempSync(path.join(os.tmpdir(), 'llmls-vscode-'));
  const folder = path.join(dir, 'work');
  for (const [name, text] of Object.entries(options.files)) {
    mkdirSync(path.dirname(path.join(folder, name)), { recursive: true });
    writeFileSync(path.join(folder, name), text);
  }
  const userData = path.join(dir, 'data');
  mkdirSync(path.join(userData, 'User'), { recursive: true });
  writeFileSync(path.join(userData, 'User/settings.json'), JSON.stringify({ ...quiet, ...options.settings }));
  if (options.also !== undefined) {
    cpSync(options.also, path.join(dir, 'extensions', path.basename(options.also)), { recursive: true });
  }
  const common = [
    codeServer,
    '--user-data-dir',
    userData,
    '--extensions-dir',
    path.join(dir, 'extensions'),
    '--config',
    path.join(dir, 'config.yaml'),
  ];
  writeFileSync(path.join(dir, 'config.yaml'), '');
  const env = { ...process.env, EXTENSIONS_GALLERY: '{"serviceUrl":"http://127.0.0.1:9/"}', ...options.env };
  const vsix = options.vsix ?? path.join(extension, 'dist/llmls-linux-x64.vsix');
  const installed = spawnSync(node, [...common, '--install-extension', vsix], { env, encoding: 'utf8' });
  if (installed.status !== 0) {
    throw new Error(`installing ${vsix}: ${installed.stdout}${installed.stderr}`);
  }
  const server = spawn(
    node,
    [...common, '--bind-addr', '127.0.0.1:0', '--auth', 'none', '--disable-telemetry', '--disable-update-check'],
    {
      env,
      detached: true, // a group of its own, to end with all it started
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );
  const address = await listening(server, path.join(dir, 'code-server.log'));
  const browser = await chromium.launch({
    executablePath: path.join(fetched, 'bin/chromium'),
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-dev-shm-usage',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      '--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1',
    ],
  });
  const context = await browser.newContext({ ...screen, viewport: { width: 1280, height: options.height ?? 800 } });
  const code = new VSCode(await context.newPage(), browser, server, dir, folder);
  await code.goto(`${address}/?folder=${encodeURI(folder)}`);
  return code;
}

function listening(server: ChildProcess, log: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const read = (chunk: Buffer) => {
      appendFileSync(log, chunk);
      const [, address] = /listening on (http:\/\/127\.0\.0\.1:\d+)/.exec(readFileSync(log, 'utf8')) ?? [];
      if (address) {
        resolve(address);
      }
    };
    server.stdout?.on('data', read);
    server.stderr?.on('data', read);
    server.on('exit', () =>
      reject(new Error(`code-server ended:\n${existsSync(log) ? readFileSync(log, 'utf8') : ''}`)),
    );
  });
}

export class VSCode extends Screen {
  readonly folder: string;
  readonly dir: string;
  readonly #browser: Browser;
  readonly #server: ChildProcess;

  constructor(page: Page, browser: Browser, server: ChildProcess, dir: string, folder: string) {
    super(page);
    this.folder = folder;
    this.dir = dir;
    this.#browser = browser;
    this.#server = server;
    page.setDefaultTimeout(patience);
  }

  async goto(address: string): Promise<void> {
    await this.page.goto(address, { waitUntil: 'domcontentloaded' });
    await this.ready();
  }

  /** Waits until the extension is there. */
  async ready(): Promise<void> {
    await this.page.waitForSelector('.statusbar-item[id="llmls.llmls.llmls"], .statusbar-item[id^="llmls"]', {
      timeout: 3 * patience,
    });
  }

  /** A second window, as it is on another system; VS Code goes by the browser. */
  async on(system: 'Macintosh' | 'Windows'): Promise<VSCode> {
    const userAgent = `Mozilla/5.0 (${system}) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/${this.#browser.version()}`;
    const context = await this.#browser.newContext({ ...screen, userAgent });
    const other = new VSCode(await context.newPage(), this.#browser, this.#server, this.dir, this.folder);
    await other.goto(this.page.url());
    return other;
  }

  /** Closes the window, and opens it again after something has happened. */
  async reopen(meanwhile: () => void): Promise<void> {
    const address = this.page.url();
    await this.page.goto('about:blank');
    meanwhile();
    await this.goto(address);
  }

  async reload(): Promise<void> {
    await this.page.reload({ waitUntil: 'domcontentloaded' });
    await this.ready();
  }

  key(keys: string): Promise<void> {
    return this.page.keyboard.press(keys);
  }

  type(text: string): Promise<void> {
    return this.page.keyboard.type(text);
  }

  /** The box of the palette and of questions. */
  async box(): Promise<void> {
    await this.page.waitForSelector('.quick-input-widget:not([style*="display: none"]) input:focus');
  }

  async input(text: string): Promise<void> {
    await this.box();
    await this.page.keyboard.insertText(text);
    await this.key('Enter');
  }

  /** Runs a command by its whole name in the palette. */
  async palette(command: string): Promise<void> {
    const name = new RegExp(`^${command.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}$`);
    const row = this.page
      .locator('.quick-input-widget .monaco-list-row')
      .filter({ has: this.page.locator('.label-name', { hasText: name }) });
    await this.until(
      `the palette has ${command}`,
      async () => {
        await this.key('F1');
        try {
          await this.page.locator('.quick-input-widget input').first().fill(`>${command}`, { timeout: 5000 });
          await row.first().waitFor({ timeout: 5000 });
          await row.first().click({ timeout: patience / 2 }); // given up too early, it would run twice
          return true;
        } catch {
          return false; // something that was just opened took the focus, and with it the box
        }
      },
      Boolean,
    );
  }

  /** Opens a file of the workspace from the explorer. */
  async open(file: string): Promise<void> {
    await this.page.locator('.explorer-folders-view .monaco-list-row', { hasText: file }).first().dblclick();
    await this.page.waitForSelector(`.tab.active[data-resource-name="${file}"]`);
    await this.focusEditor();
  }

  async focusEditor(): Promise<void> {
    await this.page.locator('.editor-group-container.active .view-lines').first().waitFor();
    await this.palette('View: Focus Active Editor Group');
    await this.until(
      'the editor has the focus',
      () => this.focus(),
      (focus) => focus === 'editor',
    );
  }

  /**
   * Replaces the settings of this machine, where those of scope machine are set when
   * VS Code is remote, and waits until the status bar tells the effect.
   */
  async machineSettings(settings: Record<string, unknown>, effect: string): Promise<void> {
    mkdirSync(path.join(this.dir, 'data/Machine'), { recursive: true });
    writeFileSync(path.join(this.dir, 'data/Machine/settings.json'), JSON.stringify(settings));
    await this.until(
      `the status bar says ${effect}`,
      () => this.page.locator('.statusbar-item[id^="llmls"] a').first().getAttribute('aria-label'),
      (label) => label?.includes(effect) === true,
    );
  }

  /** Puts the cursor somewhere; lines and columns count from 1. */
  async cursor(line: number, column = 1): Promise<void> {
    await this.key('Control+g');
    await this.box();
    await this.page.locator('.quick-input-widget input').first().fill(`:${line},${column}`);
    await this.until(
      'the box has read it',
      () => this.rows(),
      ([row]) => row?.includes(`line ${line}`) === true,
    );
    await this.key('Enter');
    await this.until(
      'the cursor is there',
      () => this.position(),
      (at) => at === `Ln ${line}, Col ${column}`,
    );
  }

  /** Selects whole lines, from the start of the first to the end of the last. */
  async select(first: number, last: number): Promise<void> {
    await this.cursor(first);
    for (let line = first; line < last; line++) {
      await this.key('Shift+ArrowDown');
    }
    await this.key('Shift+End');
    await this.until(
      'it is selected',
      () => this.position(),
      (at) => at.includes('selected'),
    );
  }

  /**
   * Opens the menu of code actions until it has one whose title starts with wanted,
   * and returns all titles in their order. VS Code drops the menu if problems are
   * reported anew while it is being filled.
   */
  async codeActions(wanted: string): Promise<string[]> {
    const rows = this.page.locator('.action-widget .monaco-list-row');
    const titles = await this.until(
      `the code action ${wanted}`,
      async () => {
        const seen = await this.texts('.action-widget .monaco-list-row');
        if (seen.some((title) => title.startsWith(wanted))) {
          return seen;
        }
        if (seen.length > 0) {
          await this.key('Escape'); // without a menu it would end a selection in several places
        }
        await this.key('Control+.');
        await rows
          .first()
          .waitFor({ timeout: 5000 })
          .catch(() => {});
        return this.texts('.action-widget .monaco-list-row');
      },
      (seen) => seen.some((title) => title.startsWith(wanted)),
    );
    return titles;
  }

  /** Chooses the code action whose title starts with title. */
  async chooseCodeAction(title: string): Promise<void> {
    const row = this.page.locator('.action-widget .monaco-list-row', { hasText: title }).first();
    await this.until(
      `${title} is chosen`,
      async () => {
        await this.codeActions(title);
        try {
          await row.click({ timeout: 5000 });
          return true;
        } catch {
          return false; // the menu was dropped again
        }
      },
      Boolean,
    );
  }

  /** Presses a button in the title of the thread that is the nth on the screen. */
  async threadButton(label: string, nth = 0): Promise<void> {
    await this.page.locator('.review-widget').nth(nth).locator(`.head .action-label[aria-label^="${label}"]`).click();
  }

  /** Dismisses every thread of the editor. */
  async dismissAll(): Promise<void> {
    for (let { length } = await this.threads(); length > 0; length--) {
      await this.threadButton('Dismiss');
      await this.until(
        'one thread less',
        () => this.threads(),
        (threads) => threads.length < length,
      );
    }
  }

  /** Puts the cursor into the reply box of a thread. */
  async replyBox(nth = 0): Promise<void> {
    const widget = this.page.locator('.review-widget').nth(nth);
    const closed = widget.locator('.review-thread-reply-button');
    if (await closed.isVisible()) {
      await closed.click();
    }
    await widget.locator('.comment-form .monaco-editor').first().click();
  }

  /** Writes into the reply box of a thread and sends it. */
  async reply(text: string, nth = 0): Promise<void> {
    await this.replyBox(nth);
    await this.type(text);
    await this.page
      .locator('.review-widget')
      .nth(nth)
      .locator('.form-actions .monaco-button', { hasText: 'Ask' })
      .first()
      .click();
  }

  /** The processes of servers that belong to this VS Code. */
  servers(): number[] {
    const own = path.join(this.dir, 'extensions');
    const running = (pid: string) => {
      try {
        return readlinkSync(`/proc/${pid}/exe`).startsWith(own);
      } catch {
        return false; // it is no process, or not ours
      }
    };
    return readdirSync('/proc').filter(running).map(Number);
  }

  /** The process of the server, once there is one that is not the earlier. */
  async serverProcess(earlier = 0): Promise<number> {
    const [pid = 0] = await this.until(
      'one server runs',
      async () => this.servers(),
      (all) => all.length === 1 && all[0] !== earlier,
    );
    return pid;
  }

  /** How many milliseconds activation took, by VS Code's own list, which stays open. */
  async activation(): Promise<number> {
    await this.palette('Developer: Show Running Extensions');
    const list = this.page.locator('.runtime-extensions-editor .monaco-list');
    const row = list.locator('.monaco-list-row', { hasText: /^llmls/ });
    await list.hover();
    await this.until(
      'the extension in the list, which has the slow ones first',
      async () => {
        await this.page.mouse.wheel(0, 200);
        return row.count();
      },
      (count) => count === 1,
    );
    const [, ms] = /Activation: (\d+)ms/.exec(await row.innerText()) ?? [];
    return Number(ms);
  }

  /** The logs of the extension host. */
  logs(): string {
    const all = readdirSync(path.join(this.dir, 'data/logs'), { recursive: true, encoding: 'utf8' });
    return all
      .filter((name) => /exthost.*\.log$/.test(name))
      .map((name) => `== ${name}\n${readFileSync(path.join(this.dir, 'data/logs', name), 'utf8')}`)
      .join('\n');
  }

  async close(): Promise<void> {
    await this.#browser.close();
    const ended = new Promise((resolve) => this.#server.once('exit', resolve));
    process.kill(-(this.#server.pid as number), 'SIGTERM');
    await ended;
    rmSync(this.dir, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
  }
}
