// A carer's first year, from the application to the first review; a resignation that ends an approval
// by itself; and the register as it was.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  call, checkAccess, errorTexts, fillMoment, open, openBrowser, personAt, pick, readTable,
} from './lib/browser.mjs';

const DAY = 86_400_000;

const choose = (page, name, text) =>
  page.locator(`fieldset:has(#${name})`).getByLabel(text, { exact: true }).check();

const submit = (page, name) => page.locator('main').getByRole('button', { name, exact: true }).click();

const follow = async (page, name) => {
  const main = page.locator('main');
  const found = main.getByRole('link', { name, exact: true }).first();
  if (!await found.isVisible()) await main.getByText('More that can be done').click();
  await found.click();
};

// "2026-03-07"
async function fillDay(page, name, day) {
  const [year, month, date] = day.split('-');
  for (const [part, text] of Object.entries({ day: date, month, year })) {
    await page.locator(`#${name}-${part}`).fill(String(Number(text)));
  }
}

const dayAgo = (days) => new Date(Date.now() - days * DAY).toISOString().slice(0, 10);

const dayInWords = (day) => new Date(`${day}T12:00:00Z`).toLocaleDateString('en-GB',
  { timeZone: 'UTC', day: 'numeric', month: 'long', year: 'numeric' });

const dutyNamed = async (page, pattern) =>
  (await readTable(page, 'duties')).find(({ What }) => pattern.test(What));

// Which numbers of carers are taken, only the register knows.
const newNumber = () => `F-N${Date.now().toString(36).toUpperCase()}`;

test('a carer’s first year', async (t) => {
  const browser = await openBrowser(t);
  const manager = await personAt(t, browser, 'registered_manager', { expected: /status of 400/ });
  const caseworker = await personAt(t, browser, 'caseworker');
  const carerId = newNumber();
  const address = `/carers/${carerId}`;

  await t.test('begins with an application, which says what is missing', async () => {
    await open(manager, '/carers');
    await follow(manager, 'Record an application');
    await submit(manager, 'Record the application');
    assert.ok((await errorTexts(manager)).length >= 5);
    await checkAccess(manager, 'an application that is refused');
    await manager.locator('#carer-id').fill(carerId);
    await choose(manager, 'kind', 'Mainstream');
    await manager.locator('#address').fill('3 Weir Street, Northbridge');
    await manager.locator('#first-name').fill('Hannah Osei');
    await fillDay(manager, 'first-birth', '1984-05-02');
    await choose(manager, 'first-sex', 'Female');
    await fillDay(manager, 'received', dayAgo(600));
    await choose(manager, 'elsewhere', 'No');
    await submit(manager, 'Record the application');
    await manager.getByText('The application is recorded.').waitFor();
    await manager.getByText(/^Missing: \d+ pieces of information/).waitFor();
    assert.ok(await dutyNamed(manager, /^Recommendation of the panel/));
    await checkAccess(manager, 'an applicant');
  });

  await t.test('is assessed: each piece of information is recorded', async () => {
    await follow(manager, 'Record information');
    await manager.locator('input[name=item]').first().check();
    await fillDay(manager, 'obtained', dayAgo(560));
    await submit(manager, 'Record it');
    await manager.getByText('The information is recorded.').waitFor();
    const { application } = await call(manager, 'carers.v1.CarersService/GetCarer', { carerId });
    for (const missing of application.missing) {
      const [code, fosterParentId = ''] = missing.split('/');
      await call(manager, 'carers.v1.CarerApprovalService/RecordInformation', {
        requestId: crypto.randomUUID(), carerId, code, fosterParentId, obtainedDate: dayAgo(550),
      });
    }
    await manager.getByText(/^Missing:/).waitFor({ state: 'detached' });
    // The panel is asked at the end of stage 2.
    assert.equal(await manager.getByRole('link', { name: 'Record the panel’s recommendation' }).count(), 0);
    await follow(manager, 'Begin stage 2');
    await fillDay(manager, 'begun', dayAgo(540));
    await submit(manager, 'Begin stage 2');
    await manager.getByText('Stage 2 has begun.').waitFor();
  });

  await t.test('is recommended by the panel, decided, and told twice', async () => {
    await follow(manager, 'Record the panel’s recommendation');
    await choose(manager, 'body', 'Fostering panel');
    await choose(manager, 'matter', 'Approval');
    await fillDay(manager, 'met', dayAgo(402));
    await fillMoment(manager, 'minutes', new Date(Date.now() - 401 * DAY));
    await manager.locator('#members').fill('panel-chair\npanel-2\npanel-3\npanel-4\npanel-5');
    await choose(manager, 'suitable', 'Yes');
    await manager.locator('#max-children').fill('2');
    await manager.locator('#min-age').fill('5');
    await manager.locator('#max-age').fill('12');
    await manager.getByLabel('Short term').check();
    await manager.locator('#reasons').fill('Warm and steady.');
    await submit(manager, 'Record the recommendation');
    await manager.getByText(/^The recommendation is recorded/).waitFor();
    assert.ok(await dutyNamed(manager, /^Decision of the decision maker/));

    await follow(manager, 'Record a decision');
    await choose(manager, 'outcome', 'Approved');
    await pick(manager, 'maker', 'responsible-individual-1');
    await fillMoment(manager, 'decided', new Date(Date.now() - 400 * DAY));
    await manager.locator('#max-children').fill('2');
    await manager.locator('#min-age').fill('5');
    await manager.locator('#max-age').fill('12');
    await manager.getByLabel('Short term').check();
    await manager.locator('#reasons').fill('As the panel says.');
    await submit(manager, 'Record the decision');
    await manager.getByText(/^The decision is recorded/).waitFor();
    await manager.getByText('Approved', { exact: true }).first().waitFor();
    await manager.getByText('Up to 2 children, aged 5 to 12, short term').first().waitFor();
    for (const words of [/told by word of mouth$/, /told in writing$/]) {
      await manager.getByRole('link', { name: words }).click();
      await fillMoment(manager, 'given', new Date(Date.now() - 399 * DAY));
      await submit(manager, 'Record it');
      await manager.getByText('It is recorded.', { exact: true }).waitFor();
    }
    await checkAccess(manager, 'a carer who is approved');
  });

  await t.test('owes a first review, an agreement and visits from then on', async () => {
    for (const pattern of [/^First review/, /^Foster care agreement issued/, /^Unannounced visit/]) {
      const duty = await dutyNamed(manager, pattern);
      assert.ok(duty, String(pattern));
      assert.match(duty.What, /Never done/);
      assert.match(duty.State, /overdue/i);
    }
  });

  await t.test('is visited by the caseworker, and the visit counts', async () => {
    await open(caseworker, address);
    await follow(caseworker, 'Record a visit');
    await fillMoment(caseworker, 'when', new Date(Date.now() - DAY));
    await caseworker.getByLabel('Unannounced').check();
    await caseworker.getByLabel('Supervision').check();
    await caseworker.getByLabel('Hannah Osei').first().check();
    await caseworker.locator('fieldset:has(#alone)').getByLabel('Hannah Osei').check();
    await caseworker.locator('#finding').fill('A smoke alarm for the attic');
    await pick(caseworker, 'owner', caseworker.personId);
    await submit(caseworker, 'Record the visit');
    await caseworker.getByText('The visit is recorded.').waitFor();
    const [visit] = await readTable(caseworker, 'visits');
    assert.match(visit.Seen, /Hannah Osei, alone/);
    assert.match(visit.Kind, /^Unannounced, supervision$/);
    for (const page of [caseworker, manager]) {
      await page.getByRole('row').filter({ hasText: 'A smoke alarm for the attic' }).first().waitFor();
      const duty = await dutyNamed(page, /^Unannounced visit/);
      assert.doesNotMatch(duty.State, /overdue/i);
      assert.match(duty.What, /Last done/);
    }
    await checkAccess(caseworker, 'a carer who was visited');
  });

  await t.test('is reviewed for the first time, and the report goes to the panel', async () => {
    await follow(manager, 'Record a review of approval');
    await fillDay(manager, 'held', dayAgo(2));
    await pick(manager, 'reviewer', manager.personId);
    await manager.getByLabel('The foster parents’').check();
    await choose(manager, 'suitable', 'Yes');
    await choose(manager, 'terms', 'Yes');
    await manager.locator('#report').fill('A good first year.');
    await choose(manager, 'panel', 'No');
    await submit(manager, 'Record the review');
    assert.match((await errorTexts(manager)).join(), /panel/);
    await choose(manager, 'panel', 'Yes');
    await submit(manager, 'Record the review');
    await manager.getByText('The review is recorded.').waitFor();
    assert.equal(await dutyNamed(manager, /^First review/), undefined);
    assert.ok(await dutyNamed(manager, /^Report of the review to the panel/));
  });

  await t.test('stands in the register as at any day since', async () => {
    const listed = async (day) => {
      for (let page = `/carers/register?at=${day}`; page;) {
        await open(manager, page);
        await manager.getByTestId('as-at').waitFor();
        if (await manager.locator(`tr[data-key="${carerId}"]`).count() > 0) return true;
        const next = manager.getByRole('link', { name: 'Next page' });
        page = await next.count() === 0 ? undefined : await next.getAttribute('href');
      }
      return false;
    };
    assert.equal(await listed(dayAgo(0)), true);
    assert.equal(await listed(dayAgo(500)), false);
    await checkAccess(manager, 'the register as at a day');
  });
});

test('a resignation ends the approval by itself, and cannot be withdrawn', async (t) => {
  const browser = await openBrowser(t);
  const manager = await personAt(t, browser, 'registered_manager');
  // Of another register, where nobody lives with them now.
  const approved = async () => {
    const carerId = newNumber();
    await call(manager, 'carers.v1.CarersService/TakeOverCarer', {
      requestId: crypto.randomUUID(),
      carerId,
      kind: 'KIND_MAINSTREAM',
      particulars: {
        address: '8 Quarry Road, Northbridge',
        fosterParents: [{ name: 'Peter Lindqvist', birthDate: '1970-01-09', sex: 'SEX_MALE' }],
      },
      approvedDate: dayAgo(900),
      terms: [{ effectiveDate: dayAgo(900), terms: { maxChildren: 2 } }],
    });
    return { carerId };
  };
  const resign = async ({ carerId }, day) => {
    await open(manager, `/carers/${carerId}`);
    await follow(manager, 'Record a resignation');
    await manager.getByText('A resignation cannot be withdrawn.').waitFor();
    await fillDay(manager, 'received', day);
    await manager.locator('#reason').fill('Moves away.');
    await submit(manager, 'Record the resignation');
    await manager.getByText(/^The resignation is recorded/).waitFor();
  };

  await t.test('28 days after the notice, which was received long ago', async () => {
    const carer = await approved();
    await resign(carer, dayAgo(40));
    await manager.locator('h1 + p').getByText('Ended', { exact: true }).waitFor();
    await manager.getByText(/: resignation/).first().waitFor();
    await checkAccess(manager, 'a carer who has resigned');
    const { retention } = await call(manager, 'carers.v1.CarersService/GetCarer',
      { carerId: carer.carerId });
    assert.equal(retention.basis, 'BASIS_APPROVAL_ENDED');
  });

  await t.test('28 days from now, where it was received today; until then they foster', async () => {
    const carer = await approved();
    await resign(carer, dayAgo(0));
    await manager.getByText('Notice of resignation was received').waitFor();
    await manager.locator('h1 + p').getByText('Approved', { exact: true }).waitFor();
    await manager.locator('main').getByText('More that can be done').click();
    assert.equal(await manager.getByRole('link', { name: 'Record a resignation' }).count(), 0);
  });
});

test('a placement that was recorded wrongly is corrected, and what was said first stays', async (t) => {
  const browser = await openBrowser(t);
  const manager = await personAt(t, browser, 'registered_manager', { expected: /status of 400/ });
  const { children: [known] } = await call(manager, 'placements.v1.PlacementsService/ListChildren',
    { pageSize: 1 });
  const childId = `C-N${Date.now().toString(36).toUpperCase()}`;
  await call(manager, 'placements.v1.PlacementsService/RecordChild', {
    requestId: crypto.randomUUID(), child: { ...known, childId, carerId: '' },
  });
  const { placementId } = await call(manager, 'placements.v1.PlacementsService/RecordPlacement', {
    requestId: crypto.randomUUID(),
    placement: {
      childId, carerId: 'F-0001', startDate: dayAgo(90), endDate: dayAgo(60), placementCode: 'U4',
      reasonCode: 'CREQB', endingNote: 'She asked to live nearer to her school.',
    },
  });
  const address = `/children/${childId}`;
  const placement = async () => (await readTable(manager, 'placements'))
    .find(({ key }) => key === placementId);

  await t.test('not without a reason, nor to a day that cannot be', async () => {
    await open(manager, address);
    await manager.locator('[data-testid=placements]').getByRole('link', { name: /^Correct/ }).click();
    await manager.locator('#why').waitFor();
    await fillDay(manager, 'end', dayAgo(100));
    await submit(manager, 'Record the correction');
    assert.deepEqual(await errorTexts(manager), ['Enter why it was wrong']);
    await manager.locator('#why').fill('The letter has other days.');
    await submit(manager, 'Record the correction');
    assert.match((await errorTexts(manager)).join(), /^The day on which it ended/);
    await checkAccess(manager, 'a correction of a placement that is refused');
  });

  await t.test('of one field: the others stay', async () => {
    await fillDay(manager, 'end', dayAgo(59));
    await submit(manager, 'Record the correction');
    await manager.getByText(/^The correction is recorded/).waitFor();
    const row = await placement();
    assert.equal(row.Until, dayInWords(dayAgo(59)));
    assert.match(row['Why it ended'], /She asked to live nearer to her school/);
    await manager.getByText(/^What was said first of the placement from/).click();
    await manager.getByText(`Until: ${dayInWords(dayAgo(60))}, now ${dayInWords(dayAgo(59))}`).waitFor();
    await manager.getByText('The letter has other days.').waitFor();
    await checkAccess(manager, 'a child with a placement that was corrected');
  });

  await t.test('to one that has not ended after all', async () => {
    await manager.locator('[data-testid=placements]').getByRole('link', { name: /^Correct/ }).click();
    await choose(manager, 'ended', 'No');
    await manager.locator('#end-day').waitFor({ state: 'detached' });
    await manager.locator('#why').fill('That was her sister.');
    await submit(manager, 'Record the correction');
    await manager.getByText(/^The correction is recorded/).waitFor();
    assert.equal((await placement()).Until, 'Now');
    const { carerId } = await call(manager, 'placements.v1.PlacementsService/GetChild', { childId });
    assert.equal(carerId, 'F-0001');
    // Nobody is left living there.
    await call(manager, 'placements.v1.PlacementsService/EndPlacement', {
      requestId: crypto.randomUUID(), childId, endDate: dayAgo(1), reasonCode: 'CREQB',
    });
  });
});
