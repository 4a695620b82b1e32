// Every main page of the desk on the real half-year, in both languages and at both widths: for all
// eyes and hands, nothing sideways, nothing raw. The pictures are in `output`, to be looked at.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { accessible, DESK, PHONE, shoot } from './lib/chromium.mjs';
import { start } from './real/server.mjs';

let site;

before(async () => { site = await start(); });
after(() => site?.stop());

/** Pages, who looks at them, and what is on them once they are there. */
const PAGES = {
  coordinator: {
    todo: ['/', 'main h1'],
    board: ['/board', '.drawing svg path'],
    figures: ['/figures', '.spark'],
    'figures-cut': ['/figures?by=recipient', 'main tbody td'],
    figure: ['/figures/FND-V-ISSUED', '.drawing svg text'],
    'figure-rate': ['/figures/PRJ-R-START', '.parts li'],
    registers: ['/registers', 'li.box'],
    list: ['/registers/project', '[role=row][aria-rowindex="3"]'],
    record: ['/registers/project/1', '#input-code'],
    imports: ['/imports', 'main h2'],
    briefs: ['/briefs', 'iframe'],
    press: ['/press', 'textarea'],
    links: ['/mechanism/links', '.bar'],
    units: ['/mechanism/units', 'main article'],
    clauses: ['/mechanism/clauses', 'main h2'],
    pack: ['/mechanism/pack', 'main button'],
    journal: ['/journal', 'main tbody tr'],
    account: ['/account', 'main table'],
  },
  'kaizhou-clerk': {
    'todo-clerk': ['/', 'main h1'],
    'record-new': ['/registers/fund/new', '#input-item'],
  },
  security: { accounts: ['/admin/accounts', 'main tbody tr'] },
  system: {
    settings: ['/admin/settings', 'main input'],
    jobs: ['/admin/jobs', 'main h1'],
    health: ['/admin/health', 'main dd'],
  },
};

/** Whatever people should never be shown: objects, missing words, keys of messages. */
async function raw(page) {
  const text = await page.locator('body').innerText();
  return text.match(/\[object|undefined|\bNaN\b|\bnull\b|Invalid Date|\{[a-z_]+\}|\b(?:shell|board|figures|registers|record|imports|briefs|press|journal|admin|account|mechanism|todo)\.[a-z]\w+/g) ?? [];
}

for (const [login, pages] of Object.entries(PAGES)) {
  for (const english of [false, true]) {
    test(`${login}: every page in ${english ? 'English' : 'Chinese'}`, async (t) => {
      const page = await site.desk(login);
      for (const [name, [path, there]] of Object.entries(pages)) {
        const title = english ? `${name}-en` : name;
        await t.test(title, async () => {
          const lang = english ? `${path.includes('?') ? '&' : '?'}lang=en` : '';
          await page.goto(`${site.base}/desk${path}${lang}`);
          await page.locator(there).first().waitFor();
          await page.waitForLoadState('networkidle');
          await accessible(page, title);
          assert.deepEqual(await raw(page), [], title);
          await shoot(page, `real-${title}`, { '': DESK, '-phone': PHONE });
        });
      }
    });
  }
}
