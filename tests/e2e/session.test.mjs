// A session that nobody is at: it says so, is kept by whoever is there, and ends without losing what
// was typed. The gateway is the story's own, with a session of seconds instead of half an hour.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkAccess, openBrowser } from './lib/browser.mjs';
import { ownGateway } from './lib/gateway.mjs';
import { signInLink } from './lib/suite.mjs';

const TYPED = 'What the neighbour said on the telephone';

// The bus has no part in it, and the story waits for times to pass.
const skip = process.env.FOSTERWATCH_BUS === 'kafka' && 'told on the other bus';

test('a session ends when nobody is at it, and nothing typed is lost', { skip }, async (t) => {
  const gateway = await ownGateway(t, { settings: { FOSTERWATCH_SESSION_IDLE: '24s' } });
  const browser = await openBrowser(t);
  const context = await browser.newContext();
  t.after(() => context.close());
  const signIn = async (page, role) => {
    const { pathname, search } = new URL((await signInLink(role)).url);
    await page.goto(gateway.url + pathname + search);
    await page.getByRole('button', { name: 'Sign out' }).waitFor();
  };
  const page = await context.newPage();
  page.setDefaultTimeout(60_000);
  page.on('dialog', (dialog) => void dialog.accept());
  await signIn(page, 'registered_manager');
  await page.goto(`${gateway.url}/complaints/new`);
  const text = page.locator('textarea').first();
  const ending = page.locator('dialog[data-session=ending]');
  const ended = page.locator('dialog[data-session=ended]');
  await text.fill(TYPED);

  await t.test('before the end a dialog says so, and the keyboard answers it', async () => {
    await ending.waitFor();
    await checkAccess(page, 'a session about to end');
    assert.equal(await page.evaluate(() => document.activeElement.textContent.trim()),
      'Stay signed in');
    await page.keyboard.press('Enter');
    await ending.waitFor({ state: 'detached' });
    assert.equal(await page.evaluate(() => document.activeElement.tagName), 'TEXTAREA');
    assert.equal(await text.inputValue(), TYPED);
  });

  await t.test('without an answer it ends, and what was typed is in the page alone', async () => {
    await ended.waitFor();
    await checkAccess(page, 'a session that has ended behind a form');
    assert.equal(await text.inputValue(), TYPED);
    const kept = await page.evaluate(() => JSON.stringify([{ ...localStorage }, { ...sessionStorage }]));
    assert.equal(kept, '[{},{}]');
    await page.keyboard.press('Escape');
    assert.ok(await ended.isVisible(), 'nothing but signing in opens the page again');
  });

  await t.test('whoever signs in again in another tab goes on', async () => {
    const [tab] = await Promise.all([
      context.waitForEvent('page'), ended.getByRole('link', { name: 'Sign in again' }).click(),
    ]);
    await tab.waitForURL(`${gateway.url}/signin?to=*`);
    await signIn(tab, 'registered_manager');
    assert.equal(new URL(tab.url()).pathname, '/complaints/new');
    await tab.close();
    await page.bringToFront();
    await page.evaluate(() => window.dispatchEvent(new Event('focus')));
    await ended.waitFor({ state: 'detached' });
    assert.equal(await text.inputValue(), TYPED);
  });

  await t.test('and somebody else does not find it', async () => {
    await ended.waitFor();
    const tab = await context.newPage();
    await signIn(tab, 'caseworker');
    await tab.close();
    await page.evaluate(() => window.dispatchEvent(new Event('focus')));
    await page.waitForURL(`${gateway.url}/`);
    assert.doesNotMatch(await page.content(), new RegExp(TYPED));
  });
});
