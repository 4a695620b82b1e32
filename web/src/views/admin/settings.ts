// Settings as the server lists them: names and plain values.

export type Setting = string | number | boolean | null;

export interface Named {
  name: string;
  value: Setting;
}

/** Settings with a plain value; whatever else the server tells is not edited here. */
export function editable(settings: Record<string, unknown>): Named[] {
  return Object.entries(settings).flatMap(([name, value]) => (
    value === null || ['string', 'number', 'boolean'].includes(typeof value) ? [{ name, value: value as Setting }] : []));
}

/** What differs from the settings as they are. */
export function changesOf(settings: Named[], values: Record<string, Setting>): Record<string, Setting> {
  return Object.fromEntries(settings
    .filter(({ name, value }) => name in values && values[name] !== value)
    .map(({ name }) => [name, values[name] ?? null]));
}
