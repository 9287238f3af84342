// Everything that people do, with the keyboard alone: what has the focus is always to be seen.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  call, checkAccess, errorTexts, findChild, load, londonParts, openBrowser, personAt,
  reportAccident,
} from './lib/browser.mjs';
import { eventually } from './lib/suite.mjs';

const STOPS = 120;

// Tab until what the selector names has the focus; it has to come within the page's own order, and
// each stop on the way has to show that it has the focus.
async function tabTo(page, selector) {
  for (let stop = 0; stop < STOPS; ++stop) {
    await page.keyboard.press('Tab');
    const { reached, hidden } = await page.evaluate((wanted) => {
      const focused = document.activeElement;
      // A heading that a new page gave the focus to is no stop.
      if (!focused || focused === document.body || focused.tabIndex < 0) return {};
      const box = focused.getBoundingClientRect();
      const looks = [focused, focused.nextElementSibling].filter(Boolean).flatMap((each) =>
        [getComputedStyle(each), getComputedStyle(each, '::before')]);
      const marked = looks.some(({ outlineStyle, boxShadow }) =>
        outlineStyle !== 'none' || boxShadow !== 'none');
      const inSight = box.bottom > 0 && box.top < innerHeight;
      return {
        reached: focused.matches(wanted),
        hidden: marked && inSight ? '' : focused.outerHTML.slice(0, 120),
      };
    }, selector);
    assert.ok(!hidden, `the focus is not to be seen on ${hidden}`);
    if (reached) return;
  }
  assert.fail(`Tab does not reach ${selector} within ${STOPS} stops`);
}

// Tab to it and press it.
async function press(page, selector, key = 'Enter') {
  await tabTo(page, selector);
  await page.keyboard.press(key);
}

const success = (page, text) => page.getByRole('alert').filter({ hasText: text }).waitFor();

test('an event is reported with the keyboard alone', async (t) => {
  const browser = await openBrowser(t);
  const page = await personAt(t, browser, 'caseworker');
  const child = await findChild(page, { sameAuthority: true });
  const { keyboard } = page;
  const focused = () => page.evaluate(() => document.activeElement?.id ?? '');

  await load(page, '/report');
  await keyboard.press('Tab');
  assert.equal(await page.evaluate(() => document.activeElement.textContent),
    'Skip to main content');
  await keyboard.press('Enter');
  assert.equal(await focused(), 'main-content');
  await checkAccess(page, 'the report form');

  const kind = await page.locator('[value=POLICE_CALLED_SERIOUS_INCIDENT]').getAttribute('id');
  await tabTo(page, `#${kind}`);
  await keyboard.press('Space');
  await tabTo(page, '#child');
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

  await tabTo(page, '#occurred-time');
  await keyboard.type(londonParts(new Date(Date.now() - 10 * 60_000)).time);
  await tabTo(page, '#place');
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

test('the manager works through an event with the keyboard alone', async (t) => {
  const browser = await openBrowser(t);
  const caseworker = await personAt(t, browser, 'caseworker');
  const manager = await personAt(t, browser, 'registered_manager', { expected: /status of 401/ });
  const child = await findChild(caseworker, { sameAuthority: true });
  const { eventId } = await reportAccident(caseworker, child);
  const { keyboard } = manager;

  await t.test('from the overview to the event', async () => {
    await load(manager, '/');
    await manager.locator(`[data-key="${eventId}"]`).waitFor();
    await press(manager, `a[href="/events/${eventId}"]`);
    await manager.waitForURL(`**/events/${eventId}`);
    await manager.locator('[data-testid=notices]').waitFor();
  });

  await t.test('unfolds an explanation', async () => {
    await press(manager, 'main summary', 'Space');
    assert.equal(await manager.locator('main details[open]').count(), 1);
  });

  await t.test('adds an action', async () => {
    await press(manager, `a[href="/events/${eventId}/actions/new"]`);
    await manager.waitForURL('**/actions/new');
    await tabTo(manager, '#description');
    await keyboard.type('Ask the school for its accident record.');
    const due = londonParts(new Date(Date.now() + 7 * 86_400_000));
    await tabTo(manager, '#owner');
    await keyboard.type(manager.personId);
    await manager.locator('#owner-list [role=option]').first().waitFor();
    await keyboard.press('ArrowDown');
    await keyboard.press('Enter');
    for (const part of ['day', 'month', 'year', 'time']) {
      await tabTo(manager, `#due-${part}`);
      await keyboard.type(due[part]);
    }
    await keyboard.press('Enter');
    await success(manager, /action/);
  });

  await t.test('records a notice as given', async () => {
    const give = manager.locator('main a[href$="/give"]').first();
    await give.waitFor();
    await press(manager, 'main a[href$="/give"]');
    await manager.waitForURL('**/give');
    await press(manager, 'main input[type=radio]', 'Space');
    await tabTo(manager, '#reference');
    await keyboard.type('TEL-1');
    await keyboard.press('Enter');
    await manager.waitForURL(`**/events/${eventId}`);
    await success(manager, /recorded|given/);
  });

  await t.test('acknowledges its alert', async () => {
    const alerts = await eventually(async () => ((await call(manager,
      'notifications.v1.NotificationsService/ListAlerts', { eventId })).alerts ?? [])
      .filter(({ state }) => state === 'STATE_OPEN'));
    const { alertId } = alerts[0];
    await load(manager, '/alerts');
    await press(manager, `a[href="/alerts/${alertId}/acknowledge"]`);
    await tabTo(manager, '#comment');
    await keyboard.type('Seen.');
    await press(manager, 'main button[type=submit], main form button');
    await success(manager, 'acknowledged');
  });

  await t.test('and signs out', async () => {
    await press(manager, '.app-header__button');
    await manager.getByRole('heading', { name: 'You are signed out' }).waitFor();
  });
});
