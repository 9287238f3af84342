// What looks like an event reported before is asked about, and whoever reports says which it is.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  call, checkAccess, fillReport, findChild, open, openBrowser, personAt, sendReport,
} from './lib/browser.mjs';

const MINUTE = 60_000;

test('a report that looks like one made before', async (t) => {
  const browser = await openBrowser(t);
  const page = await personAt(t, browser, 'caseworker', { expected: /status of 400/ });
  const child = await findChild(page, { sameAuthority: false });
  const now = Math.floor(Date.now() / MINUTE) * MINUTE;
  const report = {
    kinds: ['CHILD_MISSING'],
    childId: child.childId,
    occurred: new Date(now - 200 * MINUTE),
    aware: new Date(now - 180 * MINUTE),
    summary: 'Did not come home from football.',
  };
  const eventsOf = async () => (await call(page,
    'notifiable_events.v1.NotifiableEventService/ListEvents',
    { childId: child.childId })).events?.length ?? 0;

  await open(page, '/report');
  await fillReport(page, report);
  const { eventId: first } = await sendReport(page);
  const before = await eventsOf();
  const question = page.locator('[data-testid=similar]');

  await t.test('is asked about, and nothing is recorded', async () => {
    await open(page, '/report');
    await fillReport(page, {
      ...report,
      occurred: new Date(now - 150 * MINUTE),
      aware: new Date(now - 140 * MINUTE),
      summary: 'Seen at the station.',
    });
    await page.getByRole('button', { name: 'Report the event' }).click();
    await question.getByText('Has this been reported before?').waitFor();
    await page.waitForFunction(() => document.activeElement?.id === 'similar');
    assert.equal(await question.getByRole('link').getAttribute('href'), `/events/${first}`);
    assert.equal(await eventsOf(), before);
    await checkAccess(page, 'the question whether it was reported before');
  });

  await t.test('leads to the earlier event and back, and loses nothing', async () => {
    await question.getByRole('link').click();
    await page.waitForURL(`**/events/${first}`);
    await page.getByText('Did not come home from football.').first().waitFor();
    await page.goBack();
    await page.getByText('What you typed before is still here').waitFor();
    await question.waitFor();
    assert.equal(await page.locator('#summary').inputValue(), 'Seen at the station.');
  });

  await t.test('is another event because a person says so', async () => {
    await page.getByRole('button', { name: 'It is another event: report it' }).click();
    await page.waitForURL('**/events/*');
    assert.equal(await eventsOf(), before + 1);
    await page.locator('[data-fact=event_reported]').waitFor();
  });
});
