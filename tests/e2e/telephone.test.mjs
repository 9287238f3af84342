// The police are told by telephone, and nobody confirms it in writing: the record says so.

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
  const child = await findChild(caseworker, { sameAuthority: true, skip: 7 });
  const now = Math.floor(Date.now() / MINUTE) * MINUTE;
  const police = async () => (await readTable(caseworker, 'notices'))
    .find(({ Recipient }) => Recipient === 'Police');
  let eventId;

  await t.test('opens the duty to confirm it', async () => {
    await open(caseworker, '/report');
    await fillReport(caseworker, {
      kinds: ['CHILD_SERIOUS_OFFENCE'],
      childId: child.childId,
      occurred: new Date(now - 40 * HOUR),
      aware: new Date(now - 30 * HOUR),
      summary: 'Said to have set fire to a shed.',
    });
    ({ eventId } = await sendReport(caseworker));
    await caseworker.getByRole('link', { name: 'Record as given to Police' }).click();
    await caseworker.getByLabel('Telephone').check();
    await fillMoment(caseworker, 'given', new Date(now - 29 * HOUR));
    await caseworker.locator('#reference').fill('Control room, log 4711');
    await caseworker.getByRole('button', { name: 'Record as given' }).click();
    await caseworker.waitForURL(`**/events/${eventId}`);
    assert.match((await police()).Given, /To be confirmed in writing/);
  });

  await t.test('which is overdue a day later, by itself', async () => {
    await caseworker.locator('[data-fact=duty_overdue]')
      .filter({ hasText: /Written confirmation/i }).waitFor();
    await checkAccess(caseworker, 'an event with an overdue duty');
  });

  await t.test('until it is confirmed after all', async () => {
    await caseworker.getByRole('link', { name: 'Record the written confirmation to Police' }).click();
    await checkAccess(caseworker, 'a written confirmation');
    await caseworker.getByLabel('Email').check();
    await caseworker.locator('#reference').fill('LETTER-7');
    await caseworker.getByRole('button', { name: 'Record as confirmed' }).click();
    await caseworker.waitForURL(`**/events/${eventId}`);
    assert.match((await police()).Given, /Confirmed in writing .*reference LETTER-7/);
    await caseworker.locator('[data-fact=duty_settled]').first().waitFor();
  });
});
