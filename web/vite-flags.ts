import { copyFileSync, mkdirSync, readFileSync, readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { Plugin } from 'vite';

const packageFile = createRequire(import.meta.url).resolve('country-flag-icons/package.json');
const source = join(dirname(packageFile), '3x2');
const { version } = JSON.parse(readFileSync(packageFile, 'utf8')) as { version: string };

/** Carries the package's version, so that a flag may be cached for ever, as hashed assets are. */
export const flagsFolder = `assets/flags-${version}`;

/**
 * Publishes every country's flag as a file of its own. The page asks only for those of its agents,
 * and the script stays free of a table of 250 addresses.
 */
export function flags(): Plugin {
  const names = readdirSync(source).filter((name) => /^[A-Z]{2}\.svg$/.test(name));
  return {
    name: 'firstbyte-flags',
    // Copied, not emitted: the build's report stays short enough to show the script's size.
    writeBundle({ dir }) {
      const target = join(dir ?? 'dist', flagsFolder);
      mkdirSync(target, { recursive: true });
      for (const name of names) copyFileSync(join(source, name), join(target, name));
    },
    configureServer(server) {
      server.middlewares.use(`/${flagsFolder}`, (request, response, next) => {
        const name = (request.url ?? '').slice(1);
        if (!names.includes(name)) return next();
        response.setHeader('Content-Type', 'image/svg+xml');
        response.end(readFileSync(join(source, name)));
      });
    },
  };
}
