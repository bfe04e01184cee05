// Where the server is and what it is started with.

import { accessSync, constants } from 'node:fs';
import path from 'node:path';

/** Which llmls to start: the one that the person names, else ours, else the one in PATH. */
export function serverPath(
  setting: string,
  extensionPath: string,
  platform: NodeJS.Platform = process.platform,
): string {
  const name = platform === 'win32' ? 'llmls.exe' : 'llmls';
  if (setting !== '') {
    return setting;
  }
  const bundled = path.join(extensionPath, 'bin', name);
  try {
    accessSync(bundled, constants.X_OK);
    return bundled;
  } catch {
    return name; // the universal package contains no binary
  }
}

/** What goes into the environment of the server, and only there. */
export interface Secrets {
  key: string | undefined;
  keyVariable: string;
  proxy: string;
}

/**
 * The environment of the server: that of VS Code, with the key in the variable
 * the server looks into by default, and the proxy.
 */
export function serverEnvironment(base: NodeJS.ProcessEnv, { key, keyVariable, proxy }: Secrets): NodeJS.ProcessEnv {
  const environment = { ...base };
  const found = key ?? (keyVariable === '' ? undefined : base[keyVariable]);
  if (found) {
    environment['OPENAI_API_KEY'] = found;
  }
  if (proxy !== '') {
    environment['HTTPS_PROXY'] = proxy;
    environment['HTTP_PROXY'] = proxy;
  }
  return environment;
}
