import { computed, onBeforeUnmount, onMounted, ref, shallowReactive } from 'vue';

/** A key, or two one after the other (`g b`), and what it does. */
export interface Shortcut {
  keys: string;
  label: () => string;
  run: () => void;
}

const KEPT = 'qipan.shortcuts';
const here = shallowReactive(new Set<Shortcut>());

/** Whether single keys do anything: people who dictate or whose keys stick turn them off. */
export const shortcutsOn = ref(localStorage.getItem(KEPT) !== 'off');

/** Turns single keys on or off, for good. */
export function setShortcuts(on: boolean): void {
  shortcutsOn.value = on;
  localStorage.setItem(KEPT, on ? 'on' : 'off');
}

/** Shortcuts of the page that is open, for the list. */
export const pageShortcuts = computed(() => [...here]);

/** Shortcuts that hold while the calling component is there. */
export function useShortcuts(list: Shortcut[]): void {
  onMounted(() => list.forEach((one) => here.add(one)));
  onBeforeUnmount(() => list.forEach((one) => here.delete(one)));
}

const typing = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement &&
  (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName));

/** Listens for keys; `always` hold on every page. Called once, by the frame. */
export function useKeys(always: () => Shortcut[]): void {
  let before = '';
  let at = 0;
  const pressed = (event: KeyboardEvent) => {
    if (!shortcutsOn.value || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.defaultPrevented || typing(event.target)) return;
    if (document.querySelector('[role="dialog"][aria-modal="true"]')?.checkVisibility?.()) return;
    const key = event.key;
    const two = event.timeStamp - at < 1200 ? `${before} ${key}` : key;
    before = key;
    at = event.timeStamp;
    const all = [...here, ...always()];
    const found = all.find((one) => one.keys === two) ?? all.find((one) => one.keys === key);
    if (!found) return;
    event.preventDefault();
    before = '';
    found.run();
  };
  onMounted(() => addEventListener('keydown', pressed));
  onBeforeUnmount(() => removeEventListener('keydown', pressed));
}
