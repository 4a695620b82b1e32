import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const document = new URL('../../docs/openapi.json', import.meta.url);
const types = fileURLToPath(new URL('../src/api/schema.d.ts', import.meta.url));

// Without the document there is nothing that the types could be behind.
test.runIf(existsSync(fileURLToPath(document)))('the types are those of the document', async () => {
  const { default: openapi, astToString, COMMENT_HEADER } = await import('openapi-typescript');
  const now = COMMENT_HEADER + astToString(await openapi(document));
  expect(readFileSync(types, 'utf8') === now, 'stale: run `npm run types`').toBe(true);
});
