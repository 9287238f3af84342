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

test('somebody is appointed, and their appointment ends', async (t) => {
  const browser = await openBrowser(t);
  const manager = await personAt(t, browser, 'registered_manager', { expected: /status of 400/ });
  const caseworker = await personAt(t, browser, 'caseworker');
  const person = `newcomer-${Date.now()}`;
  const row = manager.locator('[data-testid=holders] tbody tr').filter({ hasText: person });
  const yesterday = new Date(Math.floor(Date.now() / 60_000) * 60_000 - DAY);

  await t.test('not with an address where nobody is reached, and what was typed stays', async () => {
    await open(manager, '/directory');
    await manager.getByRole('link', { name: 'Appoint somebody' }).click();
    await manager.locator('#person').fill(person);
    await manager.locator('#name').fill('Nell Newcomer');
    await manager.getByLabel('Team manager', { exact: true }).check();
    await manager.locator('#mail').fill('nell at northern');
    await fillMoment(manager, 'from', yesterday);
    await manager.getByRole('button', { name: 'Appoint them' }).click();
    assert.deepEqual(await errorTexts(manager), ['The mail address is not a mail address']);
    assert.equal(await manager.locator('#name').inputValue(), 'Nell Newcomer');
    await checkAccess(manager, 'an appointment with a wrong address');
  });

  await t.test('and then stands in the directory', async () => {
    await manager.locator('#mail').fill('nell@northern.demonstration.invalid');
    await manager.getByRole('button', { name: 'Appoint them' }).click();
    await manager.getByText('The appointment is recorded.').waitFor();
    await row.getByText('Nell Newcomer').first().waitFor();
    await row.getByText('Team manager').first().waitFor();
  });

  await t.test('by those only who keep the directory', async () => {
    await open(caseworker, '/directory');
    assert.equal(await caseworker.getByRole('link', { name: 'Appoint somebody' }).count(), 0);
    await open(caseworker, '/directory/holders/new');
    await caseworker.getByText('The registered manager keeps the directory.').waitFor();
  });

  await t.test('until it ends', async () => {
    await row.getByRole('link', { name: /^End/ }).click();
    await manager.getByText('From then on no alert goes to them').waitFor();
    await checkAccess(manager, 'the end of an appointment');
    await manager.getByRole('button', { name: 'End the appointment' }).click();
    await manager.getByText('The end of the appointment is recorded.').waitFor();
    await row.waitFor({ state: 'detached' });
  });
});

test('a body is recorded, and told another way from now on', async (t) => {
  const browser = await openBrowser(t);
  const manager = await personAt(t, browser, 'registered_manager', { expected: /status of 400/ });
  const id = `new-authority-${Date.now()}`;
  const body = async () => (await readTable(manager, 'bodies')).find(({ key }) => key === id);
  const ways = 'How it is reached, best first';

  await t.test('not under a name that is no id', async () => {
    await open(manager, '/directory');
    await manager.getByRole('link', { name: 'Record a body' }).click();
    await manager.locator('#id').fill('New Authority');
    await manager.locator('#name').fill('New Authority');
    await manager.getByLabel('Local authority').check();
    await pick(manager, 'police', 'eastvale-police');
    await manager.locator('input[name=channel-1]').first().check();
    await manager.locator('#address-1').fill('duty@new-authority.demonstration.invalid');
    await manager.getByLabel('No: notices leave by themselves').check();
    await manager.getByRole('button', { name: 'Record the body' }).click();
    assert.match((await errorTexts(manager)).join(),
      /^The short name is not 1 to 64 lower-case letters, digits and hyphens$/);
    await checkAccess(manager, 'a body under a wrong name');
  });

  await t.test('is recorded with two ways to reach it', async () => {
    await manager.locator('#id').fill(id);
    const second = manager.getByRole('group', { name: 'Second way' });
    await second.getByLabel('Telephone').check();
    await manager.locator('#address-2').fill('01632 960999');
    await manager.getByRole('button', { name: 'Record the body' }).click();
    await manager.getByText('The body is recorded.').waitFor();
    const recorded = await body();
    assert.match(recorded[ways], /^Email: duty@new-authority\S+ Telephone: 01632 960999 \(a person/);
    assert.match(recorded['Its police, health body and LADO'], /eastvale-police/);
  });

  await t.test('is changed, and the rest of it stays', async () => {
    await manager.locator(`tr[data-key="${id}"]`).getByRole('link', { name: /^Change/ }).click();
    await manager.getByRole('heading', { name: 'Change a body' }).waitFor();
    assert.equal(await manager.locator('#address-2').inputValue(), '01632 960999');
    await manager.locator('#address-1').fill('night@new-authority.demonstration.invalid');
    await checkAccess(manager, 'a body that is changed');
    await manager.getByRole('button', { name: 'Record the change' }).click();
    await manager.getByText('The change is recorded.').waitFor();
    const changed = await body();
    assert.match(changed[ways], /^Email: night@new-authority\S+ Telephone: 01632 960999 \(a person/);
    assert.match(changed['Its police, health body and LADO'], /eastvale-police/);
  });
});
