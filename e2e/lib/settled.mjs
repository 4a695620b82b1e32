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
