import { setTimeout as sleep } from 'node:timers/promises';

/** Waits until something holds that a page brings about in its own time; `what` names it when it never does. */
export async function until(holds, what, most = 10_000) {
  for (const end = performance.now() + most; !await holds(); await sleep(20)) {
    if (performance.now() > end) throw new Error(`waited in vain for ${what}`);
  }
}

/** Waits until nothing on a page is on its way any more: colours in between are nobody's choice. What turns for ever is left to turn. */
export async function settled(page) {
  await page.evaluate(async () => {
    const frame = () => new Promise((resolve) => { requestAnimationFrame(() => resolve()); });
    const moving = () => document.getAnimations().some((one) => one.playState === 'running'
      && Number.isFinite(one.effect?.getComputedTiming().endTime ?? Infinity));
    const most = performance.now() + 5000;
    for (let still = 0; still < 5 && performance.now() < most;) {
      await frame();
      still = moving() ? 0 : still + 1;
    }
  });
}
