// Somebody will be away: the directory says what is missing, until somebody covers or it is called
// off; and whoever looks at it sees it come and go.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  checkAccess, errorTexts, fillMoment, open, openBrowser, personAt, pick, readTable,
} from './lib/browser.mjs';

const DAY = 86_400_000;

test('an absence that nobody covers', async (t) => {
  const browser = await openBrowser(t);
  const manager = await personAt(t, browser, 'registered_manager', { expected: /status of 400/ });
  const deputy = await personAt(t, browser, 'deputy_manager');
  const away = 'team-manager-3';
  const tomorrow = new Date(Math.floor(Date.now() / 60_000) * 60_000 + DAY);
  const back = new Date(tomorrow.getTime() + 5 * DAY);
  const finding = (page) => page.locator('[data-finding]').filter({ hasText: away });
  await open(deputy, '/directory');

  await t.test('is recorded before it begins', async () => {
    await open(manager, '/directory');
    await manager.getByRole('link', { name: 'Record an absence' }).click();
    await pick(manager, 'person', away);
    await fillMoment(manager, 'from', tomorrow);
    await fillMoment(manager, 'until', back);
    await manager.locator('#reason').fill('Leave');
    await manager.getByRole('button', { name: 'Record the absence' }).click();
    await manager.getByText('The absence is recorded. Nobody covers.').waitFor();
    const row = (await readTable(manager, 'absences')).find(({ Who }) => Who.includes(away));
    assert.match(row.From, /Planned/);
    assert.equal(row['Covered by'].toLowerCase(), 'nobody');
  });

  await t.test('is found by the check, with what to do, on every screen', async () => {
    for (const page of [manager, deputy]) {
      await finding(page).getByText(`Nobody covers for`).waitFor();
      await finding(page).getByText('Warning', { exact: true }).waitFor();
    }
    await checkAccess(manager, 'a directory with a finding');
    await manager.getByRole('button', { name: 'Check now' }).click();
    await manager.getByText(/^Checked: \d+ findings?\.$/).waitFor();
  });

  await t.test('is not recorded twice, and what was typed stays', async () => {
    await open(manager, '/directory/absences/new');
    await pick(manager, 'person', away);
    await fillMoment(manager, 'from', tomorrow);
    await manager.locator('#reason').fill('Leave again');
    await manager.getByRole('button', { name: 'Record the absence' }).click();
    assert.match((await errorTexts(manager)).join(), /recorded for some of this time/);
    assert.equal(await manager.locator('#reason').inputValue(), 'Leave again');
    await checkAccess(manager, 'an absence that overlaps another');
  });

  await t.test('is called off, and the finding goes', async () => {
    await open(manager, '/directory');
    await manager.getByRole('row').filter({ hasText: away })
      .getByRole('link', { name: /^Call off/ }).click();
    await manager.getByText('It has not begun yet').waitFor();
    await checkAccess(manager, 'the end of an absence');
    await manager.getByRole('button', { name: 'End the absence' }).click();
    await manager.getByText('The absence is ended.').waitFor();
    for (const page of [manager, deputy]) await finding(page).waitFor({ state: 'detached' });
  });
});

test('a delegation is given for a time and taken back', async (t) => {
  const browser = await openBrowser(t);
  const manager = await personAt(t, browser, 'registered_manager', { expected: /status of 400/ });
  const tomorrow = new Date(Math.floor(Date.now() / 60_000) * 60_000 + DAY);
  const delegations = () => readTable(manager, 'delegations');

  await open(manager, '/directory/delegations/new');
  await pick(manager, 'taker', 'team-manager-3');
  await fillMoment(manager, 'from', tomorrow);
  await fillMoment(manager, 'until', new Date(tomorrow.getTime() + 400 * DAY));
  await manager.locator('#reason').fill('Leave');
  await manager.getByRole('button', { name: 'Record the delegation' }).click();
  assert.match((await errorTexts(manager)).join(), /The time when it ends is more than \d+ days/);

  await fillMoment(manager, 'until', new Date(tomorrow.getTime() + 7 * DAY));
  await manager.getByRole('button', { name: 'Record the delegation' }).click();
  await manager.getByText('The delegation is recorded.').waitFor();
  const given = (await delegations()).find(({ Who }) => Who.includes('team-manager-3'));
  assert.equal(given.State.toLowerCase(), 'planned');
  assert.match(given['In place of'], new RegExp(manager.personId));

  await manager.getByRole('link', { name: /^Take back from .*team-manager-3/ }).click();
  await checkAccess(manager, 'a delegation that is taken back');
  await manager.getByRole('button', { name: 'Take it back' }).click();
  await manager.getByText('The delegation is taken back.').waitFor();
  await manager.locator(`tr[data-key="${given.key}"]`).waitFor({ state: 'detached' });
});
