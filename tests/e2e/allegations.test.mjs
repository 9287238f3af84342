// An allegation whose follow-up stalls after the designated officer has concluded: staff are told, it
// cannot be closed, and everything that is missing is named until it is done.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  checkAccess, errorTexts, fillMoment, findChild, open, openBrowser, personAt, pick, readTable,
} from './lib/browser.mjs';

const choose = (page, name, text) =>
  page.locator(`fieldset:has(#${name})`).getByLabel(text, { exact: true }).check();

const submit = (page, name) => page.locator('main').getByRole('button', { name, exact: true }).click();

const follow = (page, name) =>
  page.locator('main').getByRole('link', { name, exact: true }).first().click();

test('an allegation whose checklist stalls', async (t) => {
  const browser = await openBrowser(t);
  const manager = await personAt(t, browser, 'registered_manager', { expected: /status of 400/ });
  const caseworker = await personAt(t, browser, 'caseworker', { expected: /status of 400/ });
  const team = await personAt(t, browser, 'team_manager');
  const individual = await personAt(t, browser, 'responsible_individual');
  const child = await findChild(manager, { sameAuthority: true });
  let address;

  await t.test('is recorded by a caseworker, who is told what is wrong with the form', async () => {
    await open(caseworker, '/allegations');
    await follow(caseworker, 'Record an allegation');
    await submit(caseworker, 'Record the allegation');
    assert.ok((await errorTexts(caseworker)).length >= 4);
    await checkAccess(caseworker, 'an allegation that is refused');
    await choose(caseworker, 'subject', 'A foster carer');
    await pick(caseworker, 'carer', child.carerId);
    await pick(caseworker, 'child', child.childId);
    await caseworker.getByLabel('Has harmed a child, or may have').check();
    await choose(caseworker, 'informant', 'A child');
    await fillMoment(caseworker, 'aware', new Date('2026-01-05T10:00:00Z'));
    await caseworker.locator('#summary').fill('She says that she was pushed.');
    await submit(caseworker, 'Record the allegation');
    await caseworker.getByText(/^The allegation is recorded/).waitFor();
    address = new URL(caseworker.url()).pathname;
    // Working it is for managers.
    assert.equal(await caseworker.getByRole('link', { name: 'Record the referral' }).count(), 0);
    const [referral] = await readTable(caseworker, 'duties');
    assert.match(referral.Due, /^end of Tuesday 6 January 2026/);
    assert.match(referral.State, /overdue/i);
  });

  await t.test('is referred, and concluded by the designated officer', async () => {
    await open(team, address);
    await follow(team, 'Record the referral');
    await fillMoment(team, 'referred', new Date('2026-01-05T15:00:00Z'));
    await team.locator('#officer').fill('Jo Bell');
    await choose(team, 'channel', 'Telephone');
    await submit(team, 'Record the referral');
    await team.getByText('The referral is recorded.').waitFor();
    await follow(team, 'Record the officer’s conclusion');
    await team.getByLabel('Unsubstantiated', { exact: true }).check();
    await fillMoment(team, 'concluded', new Date('2026-03-02T12:00:00Z'));
    await team.locator('#reasons').fill('Nobody else was there.');
    await submit(team, 'Record the conclusion');
    await team.getByText(/^The conclusion is recorded/).waitFor();
    await checkAccess(team, 'an allegation with its checklist');
  });

  await t.test('is sealed to the responsible individual, who sees how far it has come', async () => {
    await open(individual, address);
    const text = await individual.locator('main').innerText();
    assert.match(text, /What was said\s+Sealed: your role does not open this\./);
    assert.match(text, /Unsubstantiated/);
    assert.match(text, /To the designated officer, /);
    for (const secret of ['She says that she was pushed', 'Jo Bell', 'Nobody else was there']) {
      assert.ok(!text.includes(secret), secret);
    }
    // Nor is it in what the page was answered.
    const said = await individual.evaluate(async (allegationId) => (await fetch(
      '/fosterwatch.allegations.v1.AllegationsService/GetAllegation', {
        method: 'POST',
        headers: { 'Content-Type': 'application/json', 'Connect-Protocol-Version': '1' },
        body: JSON.stringify({ allegationId }),
      })).text(), address.split('/').at(-1));
    assert.match(said, /"sealedSections":\["SECTION_ALLEGATION"\]/);
    assert.ok(!said.includes('pushed'), said);
    await checkAccess(individual, 'an allegation that is sealed');
  });

  await t.test('stalls: its items are overdue, and the managers are alerted', async () => {
    const items = await readTable(team, 'checklist');
    assert.ok(items.length >= 3, JSON.stringify(items));
    assert.ok(items.some(({ State }) => /overdue/i.test(State)));
    await open(manager, '/alerts');
    await manager.locator(`a[href="${address}"]`).first().waitFor();
  });

  await t.test('cannot be closed, and every item that is open is named', async () => {
    await open(manager, `${address}/close`);
    await manager.locator('#summary').fill('Followed up.');
    await submit(manager, 'Close the allegation');
    const missing = (await errorTexts(manager)).join('\n');
    assert.match(missing, /is still open/);
    assert.match(missing, /the outcome has not been told/);
    await checkAccess(manager, 'an allegation that cannot be closed');
  });

  await t.test('is worked through: review, items, who is told, what was learnt', async () => {
    await open(team, address);
    await follow(team, 'Begin the agency’s review');
    await submit(team, 'Begin the review');
    await team.getByText('The agency’s review has begun.').waitFor();
    await follow(team, 'Record what was learnt');
    await team.locator('#learning').fill('Supervision asks for the children’s view each time.');
    await team.locator('#action').fill('Put it into the form for visits.');
    await pick(team, 'owner', team.personId);
    await submit(team, 'Record the learning');
    await team.getByText('The learning is recorded.').waitFor();
    const closeLinks = team.locator('[data-testid=checklist]').getByRole('link', { name: /^Close/ });
    for (let left = await closeLinks.count(); left > 0; left = await closeLinks.count()) {
      await closeLinks.first().click();
      await choose(team, 'how', 'Done');
      await team.locator('#evidence').fill('In the minutes.');
      await submit(team, 'Close the item');
      await team.getByText('The item is closed.').waitFor();
    }
    const tellLinks = team.getByRole('link', { name: /^Record as told/ });
    for (let left = await tellLinks.count(); left > 0; left = await tellLinks.count()) {
      await tellLinks.first().click();
      await choose(team, 'told', 'Yes');
      await choose(team, 'channel', 'Telephone');
      await submit(team, 'Record it');
      await team.getByText('It is recorded.', { exact: true }).waitFor();
    }
  });

  await t.test('is closed by the registered manager, and reads so on every screen', async () => {
    await open(manager, address);
    await follow(manager, 'Close the allegation');
    await manager.locator('#summary').fill('Unsubstantiated; followed up in full.');
    await submit(manager, 'Close the allegation');
    await manager.getByText('The allegation is closed.').waitFor();
    for (const page of [manager, team]) await page.getByText('Nothing is open.').waitFor();
    await checkAccess(manager, 'an allegation that is closed');
    await open(manager, `/allegations?state=closed&child=${child.childId}`);
    const [row] = await readTable(manager, 'allegations');
    assert.match(row.State, /closed.*unsubstantiated/i);
  });
});
