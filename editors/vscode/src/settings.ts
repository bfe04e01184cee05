// The settings that are handed to the server, read so that only what a person
// may set counts.

/** What VS Code's inspect returns for one setting: the values from each source. */
export interface Sources {
  globalValue?: unknown;
  workspaceValue?: unknown;
  workspaceFolderValue?: unknown;
}

/** A setting as package.json declares it. */
export interface Declared {
  scope?: string;
}

/** The settings of the extension itself, which the server does not know. */
export const ownSettings = new Set(['path', 'proxy', 'apiKeyEnv']);

/**
 * Settings for the server, by dotted names, without defaults: a default would
 * override the person's config.toml. A workspace counts if it is
 * trusted, and never for a setting of machine scope. VS Code has the same rules,
 * but does not hold the nested form, "llmls": {"baseUrl": …}, to them
 * (microsoft/vscode#335112); so each value is taken by the source it comes from.
 */
export function serverSettings(
  declared: Record<string, Declared>,
  inspect: (name: string) => Sources | undefined,
  trusted: boolean,
): Record<string, unknown> {
  const settings: Record<string, unknown> = {};
  for (const [full, { scope }] of Object.entries(declared)) {
    const name = full.replace(/^llmls\./, '');
    if (ownSettings.has(name)) {
      continue;
    }
    const sources = inspect(full) ?? {};
    const local = trusted && scope !== 'machine';
    const value = (local ? (sources.workspaceFolderValue ?? sources.workspaceValue) : undefined) ?? sources.globalValue;
    if (value !== undefined && value !== null) {
      settings[name] = value;
    }
  }
  return settings;
}
