// A pack for the inspector and one for the board, made and fetched on their page: how far each is, each
// of its files, and what is said where one cannot be made.

import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import {
  call, checkAccess, errorTexts, fillMoment, open, openBrowser, personAt, readTable,
} from './lib/browser.mjs';

const choose = (page, name, text) =>
  page.locator(`fieldset:has(#${name})`).getByLabel(text, { exact: true }).check();

const make = (page) => page.getByRole('button', { name: 'Make the pack' }).click();

async function fetchFile(page, name) {
  const [download] = await Promise.all([
    Promise.race([
      page.waitForEvent('download'),
      page.getByText(`${name} could not be fetched`).innerText().then(assert.fail),
    ]),
    page.locator(`tr[data-key="${name}"]`).getByRole('button').click(),
  ]);
  assert.equal(download.suggestedFilename(), name);
  return readFile(await download.path());
}

const hashOnCover = (page) => page.locator('.govuk-summary-list__row')
  .filter({ hasText: 'Hash on the cover' }).locator('dd').innerText();

const sha256 = (content) => createHash('sha256').update(content).digest('hex');

// Last month, by the calendar of London.
function lastMonth() {
  const [year, month] = new Intl.DateTimeFormat('en-CA', {
    timeZone: 'Europe/London', year: 'numeric', month: '2-digit',
  }).format(new Date()).split('-').map(Number);
  return month === 1 ? `${year - 1}-12` : `${year}-${String(month - 1).padStart(2, '0')}`;
}

test('packs are made and fetched', async (t) => {
  const browser = await openBrowser(t);
  const manager = await personAt(t, browser, 'registered_manager', { expected: /status of (400|404)/ });
  await open(manager, '/packs');

  await t.test('what is missing or cannot be is named', async () => {
    await make(manager);
    assert.deepEqual(await errorTexts(manager), ['Select which pack']);
    await choose(manager, 'kind', 'Inspection pack');
    await fillMoment(manager, 'as-at', new Date(Date.now() + 3 * 86_400_000));
    await manager.locator('#sample-size').fill('51');
    await make(manager);
    assert.match((await errorTexts(manager)).join('\n'), /^(The moment|How many records) /);
    await checkAccess(manager, 'a pack that is refused');
  });

  await t.test('one for the inspector, as at the day before', async () => {
    await fillMoment(manager, 'as-at', new Date(Date.now() - 86_400_000));
    await manager.locator('#sample-size').fill('2');
    await manager.locator('#seed').fill('kestrel');
    await make(manager);
    await manager.getByRole('progressbar').waitFor();
    await manager.getByText(/^(Waiting for its turn|Step \d of \d)/).waitFor();
    await manager.getByText('The pack is ready.').waitFor();
    const files = (await readTable(manager, 'pack-files')).map(({ File }) => File);
    for (const name of [
      'inspection-pack.pdf', 'inspection-pack.html', 'inspection-pack.xlsx', 'manifest.json', 'SHA256SUMS',
      ...['register', 'register-people', 'events', 'notices', 'duties-open', 'duties-concluded', 'complaints',
        'allegations', 'schedule-6', 'kpis', 'kpi-editions', 'kpi-restatements',
        'requirements', 'dip-sample'].map((table) => `${table}.csv`),
    ]) assert.ok(files.includes(name), `${name} among ${files}`);
    await checkAccess(manager, 'a pack that is ready');
  });

  await t.test('its files are what their hashes say', async () => {
    const manifest = await fetchFile(manager, 'manifest.json');
    assert.equal(sha256(manifest), await hashOnCover(manager));
    const sums = Object.fromEntries((await fetchFile(manager, 'SHA256SUMS')).toString().trim().split('\n')
      .map((line) => line.split(/\s+\*?/).reverse()));
    // One of each kind: Chromium drops what a page downloads beyond ten files in one second.
    const files = (await readTable(manager, 'pack-files')).map(({ File }) => File);
    for (const ending of ['.pdf', '.html', '.xlsx', '.csv']) {
      const name = files.find((file) => file.endsWith(ending));
      const content = await fetchFile(manager, name);
      assert.equal(sha256(content), sums[name], name);
      if (ending === '.pdf') assert.equal(content.subarray(0, 5).toString(), '%PDF-');
      if (ending === '.html') {
        const text = content.toString();
        assert.ok(text.includes(sha256(manifest)), 'the hash on the cover');
        assert.deepEqual([...text.matchAll(/<h2>([^<]+)/g)].map(([, heading]) => heading), [
          'Contents', 'At a glance', 'What regulations ask, and where it is answered',
          'Register of foster parents', 'Notifiable events and notices', 'Open and concluded duties',
          'Complaints of 12 months', 'Allegations', 'Matters of Schedule 6', 'Figures', 'Dip sample',
        ]);
        // Each row of the figures leads to the explanation of its own.
        const rows = [...text.slice(text.indexOf('<h2>Figures')).matchAll(
          /<th scope="row">(?:<a href="[^"]*\/figures\/(\w+)\?period=([\d-]+)">)?(\w+)/g)]
          .filter(([, , , code]) => /^[A-Z]+\d*$/.test(code));
        assert.ok(rows.length > 40, `${rows.length} figures`);
        for (const [, linked, , code] of rows) assert.equal(linked, code);
      }
    }
    assert.deepEqual(files.filter((name) => !sums[name]), ['SHA256SUMS']);
    await manager.getByText(/It may name people: keep it as you keep the records\.$/).waitFor();
  });

  await t.test('one for the board, of an edition', async () => {
    const period = lastMonth();
    await call(manager, 'kpis.v1.FiguresService/ImportFigures', {
      figures: [{ code: 'SC7', period, numerator: 18, denominator: 20, source: 'board-pages' }],
    });
    // Told again, it is stated already.
    const { editions: [stated] = [] } = await call(manager, 'kpis.v1.EditionsService/ListEditions',
      { set: 'board', period });
    const { editionId } = stated ?? await call(manager, 'kpis.v1.EditionsService/FreezeEdition',
      { requestId: crypto.randomUUID(), set: 'board', period });
    await choose(manager, 'kind', 'Board pack');
    await manager.locator(`input[name=edition][value="${editionId}"]`).check();
    await make(manager);
    await manager.getByText('The pack is ready.').waitFor();
    await manager.getByRole('heading', { name: 'Board pack' }).waitFor();
    const content = await fetchFile(manager, 'edition.txt');
    const { edition } = await call(manager, 'kpis.v1.EditionsService/GetEdition', { editionId });
    assert.equal(content.toString(), edition.content);
    await checkAccess(manager, 'a board pack that is ready');
  });

  await t.test('one that cannot be made says why, and nothing of it is there', async () => {
    await manager.route('**/GetPack', async (route) => {
      const answer = await route.fetch();
      const pack = await answer.json();
      await route.fulfill({
        response: answer,
        json: {
          ...pack, state: 'STATE_FAILED', files: [],
          failureReason: 'UNAVAILABLE', failure: 'the register of carers does not answer',
        },
      });
    });
    await make(manager);
    assert.match((await errorTexts(manager)).join(),
      /the document was not made: the register of carers does not answer/i);
    await manager.unroute('**/GetPack');
    await checkAccess(manager, 'a pack that could not be made');
  });
});

test('who makes no packs is told who does', async (t) => {
  const caseworker = await personAt(t, await openBrowser(t), 'caseworker');
  assert.equal(await caseworker.getByRole('link', { name: 'Packs', exact: true }).count(), 0);
  await open(caseworker, '/packs');
  await caseworker.getByText(/make them\.$/).waitFor();
  await checkAccess(caseworker, 'packs for a caseworker');
});
