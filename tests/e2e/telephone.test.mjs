// The Chief Inspector is told by telephone, and nobody confirms it in writing: the record says so.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  checkAccess, fillMoment, fillReport, findChild, open, openBrowser, personAt, readTable, sendReport,
} from './lib/browser.mjs';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

test('a telephone notice that nobody confirms', async (t) => {
  const browser = await openBrowser(t);
  const caseworker = await personAt(t, browser, 'caseworker');
  const child = await findChild(caseworker, { sameAuthority: true });
  const now = Math.floor(Date.now() / MINUTE) * MINUTE;
  const inspector = async () => (await readTable(caseworker, 'notices'))
    .find(({ Recipient }) => Recipient === 'Chief Inspector (Ofsted)');
  let eventId;

  await t.test('opens the duty to confirm it', async () => {
    await open(caseworker, '/report');
    await fillReport(caseworker, {
      kinds: ['SERIOUS_ILLNESS_ACCIDENT'],
      childId: child.childId,
      occurred: new Date(now - 40 * HOUR),
      aware: new Date(now - 30 * HOUR),
      summary: 'Burnt while a shed was on fire.',
    });
    ({ eventId } = await sendReport(caseworker));
    await caseworker.getByRole('link', { name: 'Record as given to Chief Inspector (Ofsted)' }).click();
    await caseworker.getByLabel('Telephone').check();
    await fillMoment(caseworker, 'given', new Date(now - 29 * HOUR));
    await caseworker.locator('#reference').fill('Duty desk, 4711');
    await caseworker.getByRole('button', { name: 'Record as given' }).click();
    await caseworker.waitForURL(`**/events/${eventId}`);
    assert.match((await inspector()).Given, /To be confirmed in writing/);
  });

  await t.test('which is overdue a day later, by itself', async () => {
    await caseworker.locator('[data-fact=duty_overdue]')
      .filter({ hasText: /Written confirmation/i }).waitFor();
    await checkAccess(caseworker, 'an event with an overdue duty');
  });

  await t.test('until it is confirmed after all', async () => {
    await caseworker.getByRole('link', { name: 'Record the written confirmation to Chief Inspector (Ofsted)' }).click();
    await checkAccess(caseworker, 'a written confirmation');
    await caseworker.getByLabel('Email').check();
    await caseworker.locator('#reference').fill('LETTER-7');
    await caseworker.getByRole('button', { name: 'Record as confirmed' }).click();
    await caseworker.waitForURL(`**/events/${eventId}`);
    assert.match((await inspector()).Given, /Confirmed in writing .*reference LETTER-7/);
    await caseworker.locator('[data-fact=duty_settled]').first().waitFor();
  });
});
