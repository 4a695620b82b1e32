// The types of the API, from the document that the server's tests hold golden.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import openapi, { astToString, COMMENT_HEADER } from 'openapi-typescript';

const HERE = import.meta.dirname;
const DOCUMENT = join(HERE, '../../crates/server/tests/web/snapshots/web__document__openapi.snap');
const TYPES = join(HERE, '../src/api/schema.d.ts');

/** The types as they should be. */
export async function generate() {
  // Before the document stand a few lines on the test, between rules.
  const document = JSON.parse(readFileSync(DOCUMENT, 'utf8').split(/^---$/m).slice(2).join('---'));
  // The registers of a pack have paths of their own; the desk goes by those that hold for all.
  for (const path of Object.keys(document.paths)) {
    if (/^\/api\/v1\/registers\/[^{/]/.test(path)) delete document.paths[path];
  }
  return COMMENT_HEADER + astToString(await openapi(document));
}

/** The types as they are. */
export const kept = () => readFileSync(TYPES, 'utf8');

if (process.argv[1] === import.meta.filename) writeFileSync(TYPES, await generate());
