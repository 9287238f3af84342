// The gateway dies and comes back under an open page: the page says that it is not connected and as
// of when it is, and catches up by itself.

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { checkAccess, openBrowser } from './lib/browser.mjs';
import { ownGateway } from './lib/gateway.mjs';
import { BIN, eventually, signInLink } from './lib/suite.mjs';

// A time of day in the words of the page: "8:05pm", and on the hour "8pm", "midday", "midnight".
const TIME = /(?:\d+(?::\d\d)?[ap]m|midday|midnight)/.source;

// Days apart, so that none looks like another.
let days = 2;
function report(summary) {
  return promisify(execFile)(`${BIN}/fosterwatch`, [
    'event', 'report', '--as', 'caseworker', '--kind', 'serious-illness-accident',
    '--child', 'C-0002', '--occurred', `now-${24 * (days += 2)}h`, '--summary', summary,
  ]);
}

test('an open page survives a restart of the gateway', async (t) => {
  await report('Fell from a swing.');
  const gateway = await ownGateway(t);
  const browser = await openBrowser(t);
  const page = await (await browser.newContext()).newPage();
  page.setDefaultTimeout(60_000);
  const { pathname, search } = new URL((await signInLink('registered_manager')).url);
  await page.goto(gateway.url + pathname + search);
  await page.goto(`${gateway.url}/events`);
  await page.locator('#live[data-live=true]').waitFor();
  // By its link, which has the event's own id.
  const firstRow = () => page.locator('tbody tr a').first().getAttribute('href');
  const before = await firstRow();

  await t.test('says that it is not connected, and as of when it is', async () => {
    await gateway.end('SIGKILL');
    await page.locator('#live[data-live=false]').waitFor();
    const stale = page.getByTestId('stale');
    await stale.waitFor();
    assert.match(await stale.innerText(), new RegExp(`Not connected\\. This page is as of ${TIME}`));
    assert.match(await page.locator('#live').innerText(), new RegExp(`Not live since ${TIME}`));
    assert.equal(await firstRow(), before, 'what was shown stays');
    await checkAccess(page, 'a page that is not connected');
  });

  await t.test('catches up with what happened meanwhile', async () => {
    await report('Fell from a swing while nobody could see the page.');
    gateway.start();
    await page.locator('#live[data-live=true]').waitFor();
    await page.getByTestId('stale').waitFor({ state: 'detached' });
    const after = await eventually(async () => (await firstRow()) !== before);
    assert.ok(after, 'the new event is the first');
  });

  await t.test('is told when the gateway stops in an orderly way', async () => {
    await gateway.end('SIGTERM');
    await page.locator('#live[data-live=false]').waitFor();
    gateway.start();
    await page.locator('#live[data-live=true]').waitFor();
  });
});
