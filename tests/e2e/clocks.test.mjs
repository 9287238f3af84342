// The night when the clocks went back, when an hour came twice: what the telephone brought at three
// in the morning is recorded to the right moment, and every page says which half past one is meant.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  checkAccess, errorTexts, fillMoment, findChild, open, openBrowser, personAt, pick, readTable,
  sendReport,
} from './lib/browser.mjs';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

// When London's clocks went back last: one in the morning in UTC, on the last Sunday of October.
function clocksWentBack() {
  const ofYear = (year) => {
    const last = new Date(Date.UTC(year, 9, 31, 1));
    return new Date(last.getTime() - last.getUTCDay() * 24 * HOUR);
  };
  const year = new Date().getUTCFullYear();
  return ofYear(year) < Date.now() - 12 * HOUR ? ofYear(year) : ofYear(year - 1);
}

test('a call at three in the morning, on the night when the clocks went back', async (t) => {
  const browser = await openBrowser(t);
  const page = await personAt(t, browser, 'caseworker');
  const back = clocksWentBack();
  const firstHalfPastOne = new Date(back.getTime() - 30 * MINUTE);
  const secondHalfPastOne = new Date(back.getTime() + 30 * MINUTE);
  const three = new Date(back.getTime() + 2 * HOUR);

  const long = (moment) => new Intl.DateTimeFormat('en-GB', {
    timeZone: 'Europe/London', day: 'numeric', month: 'long', year: 'numeric',
  }).format(moment);
  const night = long(back);
  const nextNight = long(new Date(back.getTime() + 24 * HOUR));

  async function begin(summary) {
    const child = await findChild(page, { sameAuthority: true });
    await open(page, '/report');
    await page.locator('[value=SERIOUS_ILLNESS_ACCIDENT]').check();
    await pick(page, 'child', child.childId);
    await page.locator('#summary').fill(summary);
  }
  const recorded = (term) => page.locator('.govuk-summary-list__row')
    .filter({ has: page.getByText(term, { exact: true }) }).locator('time').first();
  const dueWords = async () => [...new Set((await readTable(page, 'notices'))
    .map(({ Due }) => Due))].join();

  await t.test('half past one is no answer until it is said which', async () => {
    await begin('Taken ill in the night; the carer rang at three.');
    await fillMoment(page, 'occurred', secondHalfPastOne);
    await fillMoment(page, 'aware', three);
    await page.getByText('so 1:30am came twice. Which one was it?', { exact: false }).waitFor();
    await page.getByRole('button', { name: 'Report the event' }).click();
    assert.deepEqual(await errorTexts(page),
      ['1:30am came twice that night, because the clocks went back: say which one']);
    await checkAccess(page, 'the question which half past one it was');
    assert.equal(await page.locator('#aware-which').count(), 0, 'three o’clock came once');
  });

  await t.test('the second one is recorded as the second one, and shown as such', async () => {
    await page.getByLabel('The second 1:30am', { exact: false }).check();
    await sendReport(page);
    const happened = recorded('Happened');
    assert.equal(await happened.innerText(), `${night} at 1:30am (after the clocks went back)`);
    assert.equal(await happened.getAttribute('datetime'), secondHalfPastOne.toISOString());
    const aware = recorded('Agency became aware');
    assert.equal(await aware.innerText(), `${night} at 3am`);
    assert.equal(await aware.getAttribute('datetime'), three.toISOString());
    // Twenty-four hours on any clock, none of which went back in between.
    assert.match(await dueWords(), new RegExp(`^${nextNight} at 3am`));
  });

  await t.test('the first one is an hour earlier, and so is what follows from it', async () => {
    await begin('Fell on the stairs; the carer rang at once.');
    await fillMoment(page, 'occurred', firstHalfPastOne);
    await page.getByLabel('The first 1:30am', { exact: false }).check();
    await fillMoment(page, 'aware', firstHalfPastOne);
    await page.locator('#aware-which').check();
    await sendReport(page);
    for (const term of ['Happened', 'Agency became aware']) {
      assert.equal(await recorded(term).innerText(),
        `${night} at 1:30am (before the clocks went back)`);
      assert.equal(await recorded(term).getAttribute('datetime'), firstHalfPastOne.toISOString());
    }
    // Twenty-four hours later the clock on the wall shows an hour less.
    assert.match(await dueWords(), new RegExp(`^${nextNight} at 12:30am`));
    const why = page.locator('details').filter({ hasText: 'Why: Responsible authority' }).first();
    await why.locator('summary').click();
    await why.getByText(/Add 24 hours as they pass on any clock/).waitFor();
  });
});
