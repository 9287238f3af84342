// A child is missing and comes back.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  checkAccess, errorTexts, fillReport, findChild, open, openBrowser, personAt, readTable, sendReport,
} from './lib/browser.mjs';

const MINUTE = 60_000;

test('a missing child is found again', async (t) => {
  const browser = await openBrowser(t);
  const caseworker = await personAt(t, browser, 'caseworker');
  const teamManager = await personAt(t, browser, 'team_manager');
  const manager = await personAt(t, browser, 'registered_manager', { expected: /status of 400/ });
  const child = await findChild(caseworker, { sameAuthority: false });
  const now = Math.floor(Date.now() / MINUTE) * MINUTE;
  let eventId;

  await t.test('tells the responsible authority and, by policy, the police', async () => {
    await open(caseworker, '/report');
    await fillReport(caseworker, {
      kinds: ['CHILD_MISSING'],
      childId: child.childId,
      occurred: new Date(now - 90 * MINUTE),
      aware: new Date(now - 80 * MINUTE),
      summary: 'Did not come home from school.',
    });
    ({ eventId } = await sendReport(caseworker));
    const notices = await readTable(caseworker, 'notices');
    assert.deepEqual(notices.map(({ Recipient }) => Recipient.split(' (')[0]),
      ['Responsible authority', 'Police']);
    assert.match(notices[0].Body, new RegExp(`\\(${child.responsibleAuthorityId}\\)`));
    await caseworker.locator('[data-testid=notices]').filter({ hasText: 'Given in time' }).waitFor();
  });

  await t.test('is not concluded while anything is missing', async () => {
    await open(manager, `/events/${eventId}/conclude`);
    await manager.getByRole('button', { name: 'Conclude the event' }).click();
    const missing = await errorTexts(manager);
    assert.deepEqual(missing.sort(), [
      'The child’s return has not been recorded',
      'The discussion with the child’s social worker has not been recorded',
      'The manager has not signed off',
      'The outcome is required',
      'The registered manager has not signed off',
    ]);
    await checkAccess(manager, 'a refused conclusion');
  });

  await t.test('records the return', async () => {
    await caseworker.getByRole('link', { name: 'Record the child’s return' }).click();
    await caseworker.locator('#note').fill('Came back by bus, well.');
    await caseworker.getByRole('button', { name: 'Record the return' }).click();
    await caseworker.waitForURL(`**/events/${eventId}`);
    await caseworker.getByText('Came back by bus, well.').waitFor();
  });

  await t.test('what comes next is agreed with the social worker', async () => {
    await open(caseworker, `/events/${eventId}`);
    await caseworker.getByRole('link', { name: 'Record the discussion' }).click();
    await caseworker.locator('#discussed-with').fill('Ms Green');
    await caseworker.locator('#agreed').fill('A visit tomorrow.');
    await caseworker.getByRole('button', { name: 'Record the discussion' }).click();
    await caseworker.waitForURL(`**/events/${eventId}`);
    await caseworker.getByText('A visit tomorrow.').waitFor();
  });

  await t.test('is signed off', async () => {
    await open(teamManager, `/events/${eventId}/sign-off/manager`);
    await teamManager.getByRole('button', { name: 'Sign off' }).click();
    await teamManager.waitForURL(`**/events/${eventId}`);
    await open(manager, `/events/${eventId}/sign-off/registered-manager`);
    await manager.getByRole('button', { name: 'Sign off' }).click();
    await manager.waitForURL(`**/events/${eventId}`);
  });

  await t.test('is concluded, and every open page shows it', async () => {
    await open(caseworker, `/events/${eventId}`);
    await manager.getByRole('link', { name: 'Conclude', exact: true }).click();
    await manager.locator('#outcome').fill('Home and safe; a return interview is arranged.');
    await manager.getByRole('button', { name: 'Conclude the event' }).click();
    await manager.waitForURL(`**/events/${eventId}`);
    await caseworker.locator('.govuk-tag').filter({ hasText: 'Concluded' }).waitFor();
    await caseworker.locator('[data-fact=event_concluded]').waitFor();
  });
});
