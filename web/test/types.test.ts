import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, test } from 'vitest';

const document = join(import.meta.dirname, '../../docs/openapi.json');
const types = join(import.meta.dirname, '../src/api/schema.d.ts');

// Without the document there is nothing that the types could be behind.
test.runIf(existsSync(document))('the types are those of the document', async () => {
  const { default: openapi, astToString, COMMENT_HEADER } = await import('openapi-typescript');
  const now = COMMENT_HEADER + astToString(await openapi(pathToFileURL(document)));
  expect(readFileSync(types, 'utf8') === now, 'stale: run `npm run types`').toBe(true);
});
