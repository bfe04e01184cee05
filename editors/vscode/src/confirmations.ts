// Which texts may be shown as Markdown. The parsers that decide it are loaded after
// activation.

import type { Confirmer } from './confirm.ts';

type Parsers = Pick<typeof import('./confirm.ts'), 'threadConfirmer' | 'documentConfirmer'>;

/** How a text may be shown: not yet, as long as the parsers are not there. */
export type Form = 'markdown' | 'text' | 'later';

export class Confirmations {
  readonly #inThreads = new WeakMap<object, Confirmer>();
  readonly #inDocuments = new WeakMap<object, Confirmer>();
  #parsers: Parsers | undefined;
  #without: Form = 'later';

  /** Gets the parsers. If that fails, all is shown as text. */
  async load(get: () => Promise<Parsers>): Promise<void> {
    try {
      this.#parsers = await get();
    } catch {
      this.#without = 'text';
    }
  }

  /** How text, which grows as that of owner, may be shown in a thread. */
  inThread(owner: object, text: string): Form {
    return this.#form(this.#inThreads, owner, text, this.#parsers?.threadConfirmer);
  }

  /** How text, which grows as that of owner, may be shown in a document with a preview. */
  inDocument(owner: object, text: string): Form {
    return this.#form(this.#inDocuments, owner, text, this.#parsers?.documentConfirmer);
  }

  #form(known: WeakMap<object, Confirmer>, owner: object, text: string, make: (() => Confirmer) | undefined): Form {
    if (!make) {
      return this.#without;
    }
    const confirmer = known.get(owner) ?? make();
    known.set(owner, confirmer);
    return confirmer.confirms(text) ? 'markdown' : 'text';
  }
}
