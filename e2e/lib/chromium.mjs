// Debian's Chromium, and what holds of every page looked at in it: nothing is asked of another host,
// no script fails, nothing is tried that the server's policy forbids, nobody is kept out.
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { chromium } from 'playwright-core';
import { settled } from './settled.mjs';

export const OUTPUT = join(import.meta.dirname, '../output');
export const DESK = { width: 1366, height: 768 };
export const WALL = { width: 1920, height: 1080 };
export const PHONE = { width: 390, height: 844 };

const FLAGS = ['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run',
  '--disable-background-networking', '--disable-component-update', '--disable-sync'];
const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const RULES = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'];

/** A browser for a file of tests. */
export function launch() {
  mkdirSync(OUTPUT, { recursive: true });
  return chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: FLAGS });
}

/** Tells `faults` of whatever should not happen on a page of the server at `base`. */
export function watch(page, base, faults) {
  page.on('request', (request) => {
    const url = new URL(request.url());
    if (url.protocol.startsWith('http') && url.origin !== base) faults.push(`request to ${url.origin}`);
  });
  page.on('pageerror', (error) => faults.push(`error: ${error.message}`));
  page.on('console', (message) => {
    // An answer that refuses is told on the console too; the tests look for what people see.
    if (message.type() === 'error' && !message.text().includes('Failed to load resource')) faults.push(message.text());
  });
}

/** Nothing against WCAG 2.2 AA that a machine finds. */
export async function accessible(page, where) {
  await settled(page);
  // The policy of the page lets no script in but its own; the checker comes by the debugger.
  await page.evaluate(`${AXE};0`);
  const found = await page.evaluate((rules) => globalThis.axe.run(document, { runOnly: rules, iframes: false }), RULES);
  const words = found.violations.flatMap((rule) => rule.nodes.map((node) =>
    `${rule.id}: ${node.target.join(' ')} ${node.failureSummary.split('\n').slice(1).join(' ')}`));
  assert.deepEqual(words, [], `${where} is not accessible`);
}

/**
 * Chinese on a page that speaks English, in what is read and what is read out: all but what says that
 * it is Chinese. `names` are of people and files, which a sentence may hold in any language.
 */
export function chinese(page, names = []) {
  return page.evaluate((known) => {
    const found = new Set();
    const look = (words, of) => {
      const left = known.reduce((rest, name) => rest.replaceAll(name, ''), words ?? '');
      if (/[\p{Script=Han}，。：；（）、]/u.test(left)) found.add(`${of.tagName.toLowerCase()}.${of.className}: ${words.trim().slice(0, 80)}`);
    };
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT | NodeFilter.SHOW_ELEMENT);
    while (walker.nextNode()) {
      const node = walker.currentNode;
      const of = node instanceof Element ? node : node.parentElement;
      if (of.closest('[lang="zh-CN"], script, style, noscript, textarea')) continue;
      if (of === node) for (const name of ['aria-label', 'title', 'placeholder', 'alt']) look(of.getAttribute(name), of);
      else look(node.textContent, of);
    }
    return [...found];
  }, names);
}

/** Nothing sticks out of the page: long numbers and names stay where they belong. */
export async function fits(page, where) {
  const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  assert.ok(wide <= 0, `${where} is ${wide} pixels too wide`);
}

/** Pictures to be looked at, at the desk's width and a phone's; neither may scroll sideways. */
export async function shoot(page, name, sizes = { '': DESK, '-phone': PHONE }) {
  const before = page.viewportSize();
  for (const [label, size] of Object.entries(sizes)) {
    await page.setViewportSize(size);
    await settled(page);
    await fits(page, `${name}${label}`);
    await page.screenshot({ path: join(OUTPUT, `${name}${label}.png`), fullPage: label !== '' });
  }
  await page.setViewportSize(before);
}
