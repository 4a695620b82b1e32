/** The types as they should be. */
export function generate(): Promise<string>;
/** The types as they are. */
export function kept(): string;
