// With the keyboard alone, and with the rules of WCAG 2.2 AA, on every page.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  call, checkAccess, errorTexts, findChild, londonParts, open, openBrowser, personAt,
} from './lib/browser.mjs';
import { URL_OF_SUITE } from './lib/suite.mjs';

test('an event is reported with the keyboard alone', async (t) => {
  const browser = await openBrowser(t);
  const page = await personAt(t, browser, 'caseworker');
  const child = await findChild(page, { sameAuthority: true, skip: 1 });
  const { keyboard } = page;
  const focused = () => page.evaluate(() => document.activeElement?.id ?? '');
  // Tab until the element has the focus; it has to come within the page's own order.
  const tabTo = async (id) => {
    for (let presses = 0; presses < 40; ++presses) {
      await keyboard.press('Tab');
      if (await focused() === id) return;
    }
    assert.fail(`Tab does not reach #${id}`);
  };

  await open(page, '/report');
  await keyboard.press('Tab');
  assert.equal(await page.evaluate(() => document.activeElement.textContent),
    'Skip to main content');
  await keyboard.press('Enter');
  assert.equal(await focused(), 'main-content');
  await checkAccess(page, 'the report form');

  const kind = await page.locator('[value=POLICE_CALLED_SERIOUS_INCIDENT]').getAttribute('id');
  await tabTo(kind);
  await keyboard.press('Space');
  await tabTo('child');
  await keyboard.type(child.childId.toLowerCase().slice(0, -1));
  await page.locator('#child-list [role=option]').first().waitFor();
  await checkAccess(page, 'the report form with its list open');
  await keyboard.press('Escape');
  await page.locator('#child-list [role=option]').first().waitFor({ state: 'detached' });
  await keyboard.press('ControlOrMeta+a');
  await keyboard.type(child.childId);
  await keyboard.press('ArrowDown');
  await keyboard.press('Enter');
  assert.match(await page.locator('#child').inputValue(), new RegExp(`\\(${child.childId}\\)$`));
  // Where the child lives comes with the child.
  assert.match(await page.locator('#carer').inputValue(), new RegExp(`\\(${child.carerId}\\)$`));

  await tabTo('occurred-time');
  await keyboard.type(londonParts(new Date(Date.now() - 10 * 60_000)).time);
  await tabTo('place');
  await keyboard.type('At home');
  await keyboard.press('Enter');
  assert.deepEqual(await errorTexts(page), ['Enter what happened']);
  assert.equal(await focused(), 'error-summary');
  await checkAccess(page, 'the refused report form');
  await keyboard.press('Tab');
  await keyboard.press('Enter');
  assert.equal(await focused(), 'summary');
  await keyboard.type('A window was broken; the police came.');
  await keyboard.press('Tab');
  await keyboard.press('Tab');
  await keyboard.press('Enter');
  await page.waitForURL('**/events/*');
  await page.getByRole('alert').filter({ hasText: 'The event is recorded' }).waitFor();
  assert.equal(await page.evaluate(() => document.activeElement.tagName), 'H1');
  await checkAccess(page, 'an event just reported');
});

test('every page keeps the rules', async (t) => {
  const browser = await openBrowser(t);
  const page = await personAt(t, browser, 'registered_manager', { expected: /status of 40[014]/ });
  const { events } = await call(page,
    'notifiable_events.v1.NotifiableEventService/ListEvents', { pageSize: 1 });
  const { kpis } = await call(page, 'kpis.v1.KpisService/ListKpis');
  const event = `/events/${events[0].eventId}`;
  const pages = {
    'the overview': '/',
    'the register': '/events',
    'a register that is empty': `/events?state=concluded&kind=INFECTIOUS_DISEASE&overdue=yes`,
    'an event': event,
    'a correction': `${event}/correct`,
    'a new action': `${event}/actions/new`,
    'a sign-off': `${event}/sign-off/registered-manager`,
    'a conclusion': `${event}/conclude`,
    'the alerts': '/alerts',
    'the delivery log': '/sends',
    'a figure': `/figures/${kpis[0].definition.code}`,
    'no page': '/nowhere',
    'no event': '/events/0',
  };
  for (const [state, path] of Object.entries(pages)) {
    await t.test(state, async () => {
      await open(page, path);
      await checkAccess(page, state);
      assert.equal(await page.locator('h1').count(), 1, 'one heading of the first level');
      assert.match(await page.title(), / – Fosterwatch$/);
    });
  }

  await t.test('with everything unfolded', async () => {
    await open(page, event);
    for (const each of await page.locator('summary').all()) await each.click();
    await checkAccess(page, 'an event, unfolded');
  });

  await t.test('no names in any address', async () => {
    const { children } = await call(page, 'placements.v1.PlacementsService/ListChildren',
      { childIds: [events[0].childId] });
    const hrefs = await page.locator('a[href]').evaluateAll((all) =>
      all.map((each) => decodeURIComponent(each.getAttribute('href'))));
    for (const part of children?.[0]?.name.split(' ') ?? []) {
      assert.ok(!hrefs.some((href) => href.includes(part)));
    }
  });

  await t.test('when it is signed out', async () => {
    await page.context().clearCookies();
    await page.goto(URL_OF_SUITE);
    await page.getByRole('heading', { name: 'You are signed out' }).waitFor();
    await checkAccess(page, 'the signed-out page');
  });
});

test('a screen that is cut off says so, and mends itself', async (t) => {
  const browser = await openBrowser(t);
  const page = await personAt(t, browser, 'registered_manager', {
    expected: /ERR_(FAILED|INTERNET_DISCONNECTED|NETWORK|INCOMPLETE|ABORTED)/,
  });
  await open(page, '/');
  await page.context().setOffline(true);
  await page.locator('#live[data-live=false]').filter({ hasText: /Not live since \d/ })
    .waitFor();
  await checkAccess(page, 'a page that is not live');
  await page.context().setOffline(false);
  await page.locator('#live[data-live=true]').waitFor();
});
