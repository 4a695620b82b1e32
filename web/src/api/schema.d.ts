/**
 * Written by `npm run types` from docs/openapi.json; not to be edited.
 */

export type paths = Record<never, never>;
