// The report form loses nothing, whatever goes wrong.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  call, errorSummary, errorTexts, fillReport, findChild, londonParts, open, openBrowser, personAt,
  sendReport,
} from './lib/browser.mjs';

const MINUTE = 60_000;
const SUMMARY = 'A fall from a wall; a broken arm.\nThe carer called an ambulance.';

const eventsOf = async (page, childId) => Number((await call(page,
  'notifiable_events.v1.NotifiableEventService/ListEvents', { childId })).totalSize ?? 0);

test('a refused report loses nothing', async (t) => {
  const browser = await openBrowser(t);
  const page = await personAt(t, browser, 'caseworker', {
    expected: /status of 40[01]|ERR_(FAILED|INTERNET_DISCONNECTED|NETWORK)/,
  });
  const child = await findChild(page, { sameAuthority: true });
  const before = await eventsOf(page, child.childId);
  const now = Math.floor(Date.now() / MINUTE) * MINUTE;
  const kept = async () => {
    assert.equal(await page.locator('#summary').inputValue(), SUMMARY);
    assert.match(await page.locator('#child').inputValue(), new RegExp(child.childId));
    assert.ok(await page.locator('[value=SERIOUS_ILLNESS_ACCIDENT]').isChecked());
  };
  const send = () => page.getByRole('button', { name: 'Report the event' }).click();

  await t.test('an empty one names every question, and takes the reader there', async () => {
    await open(page, '/report');
    await send();
    assert.deepEqual(await errorTexts(page), [
      'Select what has happened',
      'The time when it happened must include a time of day',
      'Enter what happened',
    ]);
    assert.match(await page.title(), /^Error: .*Report an event – Fosterwatch$/);
    assert.ok(await errorSummary(page).evaluate((each) => each === document.activeElement));
    await page.getByRole('link', { name: 'Enter what happened' }).click();
    assert.equal(await page.evaluate(() => document.activeElement.id), 'summary');
  });

  await t.test('what the register refuses stands at its question', async () => {
    await fillReport(page, {
      kinds: ['SERIOUS_ILLNESS_ACCIDENT'],
      childId: child.childId,
      occurred: new Date(now + 24 * 60 * MINUTE),
      aware: new Date(now - 5 * MINUTE),
      summary: SUMMARY,
    });
    await send();
    assert.ok((await errorTexts(page)).includes('The time when it happened is in the future'));
    assert.match(await page.locator('#occurred-time').getAttribute('aria-describedby'),
      /occurred-error/);
    await kept();
  });

  await t.test('a network that fails', async () => {
    const { day, month, year, time } = londonParts(new Date(now - 20 * MINUTE));
    for (const [part, text] of Object.entries({ day, month, year, time })) {
      await page.locator(`#occurred-${part}`).fill(text);
    }
    await page.route('**/ReportEvent', (route) => route.abort());
    await send();
    assert.match((await errorTexts(page))[0], /could not be reached.*send it again/);
    await page.unroute('**/ReportEvent');
    await kept();
  });

  await t.test('a session that has ended', async () => {
    const cookies = await page.context().cookies();
    await page.context().clearCookies();
    await send();
    assert.match((await errorTexts(page))[0], /You are signed out\. What you typed is still here/);
    await page.context().addCookies(cookies);
    await kept();
  });

  await t.test('a walk to another page and back', async () => {
    await page.getByRole('link', { name: 'Events', exact: true }).click();
    await page.getByRole('heading', { name: 'Events', exact: true }).waitFor();
    await page.getByRole('navigation', { name: 'Menu' })
      .getByRole('link', { name: 'Report an event' }).click();
    await page.getByText('What you typed before is still here').waitFor();
    await kept();
  });

  await t.test('an answer that was lost: sent again, it is recorded once', async () => {
    await page.route('**/ReportEvent', async (route) => {
      await route.fetch();
      await route.abort();
    });
    await send();
    assert.match((await errorTexts(page))[0], /It is recorded once, however often you try/);
    await page.unroute('**/ReportEvent');
    await sendReport(page);
    assert.equal(await eventsOf(page, child.childId), before + 1);
  });

  await t.test('a double click makes one event', async () => {
    await open(page, '/report');
    await fillReport(page, {
      kinds: ['SERIOUS_ILLNESS_ACCIDENT'],
      childId: child.childId,
      occurred: new Date(now - 3 * 24 * 60 * MINUTE),
      aware: new Date(now - 5 * MINUTE),
      summary: SUMMARY,
    });
    await page.getByRole('button', { name: 'Report the event' }).dblclick();
    await page.waitForURL('**/events/*');
    assert.equal(await eventsOf(page, child.childId), before + 2);
  });

  await t.test('a form that was left can be begun again', async () => {
    await open(page, '/report');
    await page.locator('#summary').fill('Not this.');
    await page.getByRole('link', { name: 'Events', exact: true }).click();
    await page.getByRole('heading', { name: 'Events', exact: true }).waitFor();
    await page.goBack();
    await page.getByRole('button', { name: 'Start again' }).click();
    assert.equal(await page.locator('#summary').inputValue(), '');
  });

  await t.test('the hour that comes twice is asked for', async () => {
    await open(page, '/report');
    const parts = { day: '26', month: '10', year: '2025', time: '1:30am' };
    for (const [part, text] of Object.entries(parts)) {
      await page.locator(`#occurred-${part}`).fill(text);
    }
    await page.getByText('1:30am came twice. Which one was it?').waitFor();
    await send();
    assert.ok((await errorTexts(page))
      .includes('1:30am came twice that night, because the clocks went back: say which one'));
    await page.getByLabel('The second 1:30am, after the clocks went back').check();
    await send();
    assert.ok(!(await errorTexts(page)).some((text) => text.includes('came twice')));
    await page.locator('#occurred-time').fill('2:30am');
    await page.getByText('1:30am came twice. Which one was it?').waitFor({ state: 'detached' });
  });
});
