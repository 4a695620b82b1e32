import { expect, test } from 'vitest';
import { generate, kept } from '../scripts/types.mjs';

test('the types are those of the document', async () => {
  expect(kept() === (await generate()), 'stale: run `npm run types`').toBe(true);
});
