// Names, births, addresses and texts go in by every door, some of them where they do not belong; tokens
// and links are used. Nothing of it is found where it must not be.

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { call, open, openBrowser, personAt } from './lib/browser.mjs';
import { eventually, mails, signInLink, token, URL_OF_SUITE } from './lib/suite.mjs';

const DATA = process.env.FOSTERWATCH_DATA_DIR;
const KAFKA = process.env.FOSTERWATCH_BUS === 'kafka' && process.env.FOSTERWATCH_KAFKA;
const run = promisify(execFile);
const AT_MOST = { encoding: 'latin1', maxBuffer: 2 ** 30 };

// --- what is looked for -----------------------------------------------------------------------------

// Stands in each text, and nowhere else.
const MARK = `Quexz${Date.now().toString(36)}`;
let told = 0;
const canary = (what) => `${what} ${MARK}n${++told}`;

// Days that nothing else is likely to name.
const births = new Set();
function birth() {
  const day = new Date(Date.UTC(1961, 0, 5) + 86_400_000 * 13 * births.size).toISOString().slice(0, 10);
  births.add(day);
  told++;
  return day;
}

// As PostgreSQL prints bytes, and the part of base64 that is the same at each offset.
const hex = (text) => Buffer.from(text).toString('hex');
const base64 = (text, offset) => Buffer.from(' '.repeat(offset) + text).toString('base64')
  .slice(offset === 0 ? 0 : 4, -4);

function findIn(text, secrets) {
  const marks = [MARK, hex(MARK), ...[0, 1, 2].map((offset) => base64(MARK, offset))];
  const days = (text.match(/19[67]\d-\d\d-\d\d/g) ?? []).filter((day) => births.has(day));
  return [
    ...marks.filter((mark) => text.includes(mark)).map((mark) => {
      const at = text.indexOf(mark);
      return text.slice(Math.max(0, at - 120), at + 60);
    }),
    ...days.map((day) => `the birth ${day}`),
    ...secrets.filter((secret) => text.includes(secret) || text.includes(hex(secret)))
      .map((secret) => `a token or link, ${secret.slice(0, 4)}...`),
  ];
}

// --- where it is looked for -------------------------------------------------------------------------

async function filesUnder(folder) {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name));
}

async function logs() {
  return Promise.all((await filesUnder(join(DATA, 'log')))
    .map(async (path) => [path.slice(DATA.length), await readFile(path, 'latin1')]));
}

// Every database of the suite, row for row.
async function databases() {
  const server = process.env.FOSTERWATCH_POSTGRES_ADMIN;
  const { stdout } = await run('psql', [server, '-XAtc',
    "SELECT datname FROM pg_database WHERE datname LIKE 'fosterwatch%'"]);
  const names = stdout.trim().split('\n');
  assert.ok(names.length >= 8, stdout);
  return Promise.all(names.map(async (name) => [`database ${name}`,
    (await run('pg_dump', ['--data-only', `${server} dbname=${name}`], AT_MOST)).stdout]));
}

// On the other bus its topics are tables. What a case system publishes to the intake is its own.
async function topics() {
  if (!KAFKA) return [];
  const { stdout } = await run('kcat', ['-L', '-J', '-b', KAFKA]);
  const names = JSON.parse(stdout).topics.map(({ topic }) => topic)
    .filter((topic) => topic.startsWith('fosterwatch.') && !topic.startsWith('fosterwatch.intake.'));
  assert.ok(names.length >= 8, names.join());
  return Promise.all(names.map(async (topic) => [`topic ${topic}`,
    (await run('kcat', ['-C', '-e', '-q', '-b', KAFKA, '-t', topic, '-f', '%k %h %s\n'], AT_MOST)).stdout]));
}

// The programs of this suite: the folder in /proc of each, and the settings it was started with.
async function programs() {
  const found = [];
  for (const pid of (await readdir('/proc')).filter((name) => /^\d+$/.test(name))) {
    const read = (file) => readFile(`/proc/${pid}/${file}`, 'utf8').catch(() => '');
    if (!(await read('comm')).startsWith('fosterwatch')) continue;
    const settings = Object.fromEntries((await read('environ')).split('\0')
      .map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]));
    if (settings.FOSTERWATCH_DATA_DIR === DATA) found.push({ settings, limits: await read('limits') });
  }
  assert.ok(found.length > 0, 'the suite runs on this machine');
  return found;
}

async function metrics() {
  const listen = (await programs()).map(({ settings }) => settings.FOSTERWATCH_METRICS_LISTEN);
  return Promise.all(listen.filter(Boolean).map(async (address) => [`metrics of ${address}`,
    await (await fetch(`http://${address}/metrics`)).text()]));
}

// --- the doors --------------------------------------------------------------------------------------

const now = () => new Date(Date.now() - 60_000).toISOString();

// Sends it as a case system does; its answer, whatever it is.
async function send(bearer, type, data, { body, query = '' } = {}) {
  const answer = await fetch(`${URL_OF_SUITE}/v1/events${query}`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json', authorization: `Bearer ${bearer}`, 'ce-specversion': '1.0',
      'ce-id': randomUUID(), 'ce-source': 'urn:demonstration:case-system', 'ce-type': `uk.fosterwatch.${type}`,
    },
    body: body ?? JSON.stringify(data),
  });
  return { status: answer.status, text: await answer.text() };
}

test('what is personal is nowhere but where it is kept', async (t) => {
  const browser = await openBrowser(t);
  const manager = await personAt(t, browser, 'registered_manager', { expected: /status of 4/ });
  const urls = [];
  manager.on('request', (request) => urls.push(request.url(), request.headers().referer ?? ''));
  const bearer = await token('--as', 'caseworker');
  const publisher = await token('--as', 'publisher');
  const ids = { children: [], carers: [], complaints: [], events: [] };
  const answers = [];

  await t.test('the pages’ door takes it', async () => {
    const { children: [known] } = await call(manager, 'placements.v1.PlacementsService/ListChildren',
      { pageSize: 1 });
    for (let i = 0; i < 30; ++i) {
      const childId = `C-U${MARK.slice(5)}${i}`;
      ids.children.push(childId);
      await call(manager, 'placements.v1.PlacementsService/RecordChild', {
        child: { ...known, childId, carerId: '', name: canary('Child'), birthDate: birth() },
      });
    }
    for (let i = 0; i < 20; ++i) {
      const carerId = `U-${MARK.slice(5)}${i}`;
      ids.carers.push(carerId);
      await call(manager, 'carers.v1.CarersService/TakeOverCarer', {
        requestId: randomUUID(), carerId, kind: 'KIND_MAINSTREAM', approvedDate: '2024-05-06',
        particulars: {
          address: canary('1 Lane'),
          fosterParents: [{ name: canary('Carer'), birthDate: birth(), sex: 'SEX_FEMALE' }],
        },
        terms: [{ effectiveDate: '2024-05-06', terms: { maxChildren: 2 } }],
      });
    }
    for (let i = 0; i < 20; ++i) {
      ids.complaints.push((await call(manager, 'complaints.v1.ComplaintsService/RecordComplaint', {
        requestId: randomUUID(),
        report: {
          kind: 'COMPLAINT_KIND_COMPLAINT', receivedTime: now(), receivedBy: 'RECEIVED_BY_EMAIL',
          giver: { kind: 'GIVER_KIND_PARENT', name: canary('Parent'), contact: canary('07700 900') },
          subject: { kind: 'SUBJECT_KIND_CARER', carerId: ids.carers[i], childId: ids.children[i] },
          category: 'QUALITY_OF_CARE', summary: canary('Says'), wish: canary('Wants'), procedureId: 'reg18',
        },
        points: [canary('Point')],
      })).complaintId);
    }
  });

  await t.test('so does the intake', async () => {
    for (let i = 0; i < 20; ++i) {
      const { status, text } = await send(bearer, 'notifiable-event.reported.v1', {
        kinds: ['EVENT_KIND_CHILD_MISSING'], child_id: ids.children[i], occurred_time: now(),
        became_aware_time: now(), place: canary('Station'), summary: canary('Left'),
        immediate_actions: canary('Searched'),
      });
      assert.equal(status, 202, text);
      answers.push(text);
    }
    for (let i = 0; i < 10; ++i) {
      const { status, text } = await send(publisher, 'feedback.received.v1', {
        child_id: ids.children[20 + i], carer_id: ids.carers[i], received_time: now(), text: canary('Feels'),
      });
      assert.equal(status, 202, text);
      answers.push(text);
    }
  });

  const secrets = [bearer, publisher].map((each) => each.split('.')[2]);
  await t.test('what is wrong is refused without its words', async () => {
    const type = 'notifiable-event.reported.v1';
    const wrong = [
      { body: `{"summary": "${canary('Broken')}"` },
      { body: JSON.stringify({ surname: canary('Unknown') }) },
      { body: JSON.stringify({ kinds: [canary('KIND')], summary: canary('Odd') }) },
      { body: JSON.stringify({ child_id: canary('C'), summary: canary('Whose'), kinds: ['EVENT_KIND_CHILD_MISSING'] }) },
      { body: JSON.stringify({ occurred_time: canary('yesterday') }) },
      { body: JSON.stringify({ summary: canary('Long').repeat(50_000) }) },
      { body: canary('no JSON at all') },
      { body: '{}', query: `?name=${encodeURIComponent(canary('Query'))}` },
    ];
    for (const each of wrong) {
      const { status, text } = await send(bearer, type, undefined, each);
      assert.ok(status >= 400 && status < 500, `${status} ${text}`);
      answers.push(text);
    }
    for (let i = 0; i < 5; ++i) {
      const forged = `${bearer.slice(0, -20)}${MARK}${'A'.repeat(20 - MARK.length)}`;
      answers.push((await send(forged, type, {})).text);
      const link = new URL((await signInLink('caseworker')).url);
      secrets.push(link.searchParams.get('code') ?? link.search.slice(-16));
      const taken = await fetch(link, { redirect: 'manual' });
      for (const cookie of taken.headers.getSetCookie()) {
        const value = cookie.split(';')[0].split('=')[1];
        if (value.length > 40) secrets.push(value.slice(-40));
      }
    }
    const refused = await manager.evaluate(async (name) => {
      const answer = await fetch('/fosterwatch.placements.v1.PlacementsService/RecordChild', {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'connect-protocol-version': '1' },
        body: JSON.stringify({ child: { childId: name, name, birthDate: name } }),
      });
      return answer.text();
    }, canary('Refused'));
    answers.push(refused);
  });

  await t.test('what cannot be taken from a topic is parked', { skip: !KAFKA && 'there is none' },
    async () => {
      const parked = async () => Number((await run('psql', [
        `${process.env.FOSTERWATCH_POSTGRES_ADMIN} dbname=fosterwatch_notifiable_events`, '-XAtc',
        'SELECT count(*) FROM ledger.parked'])).stdout);
      const before = await parked();
      const values = [`{"summary": "${canary('Torn')}`, JSON.stringify({ summary: canary('Whose') }),
        JSON.stringify({ surname: canary('Known') }), canary('no JSON')];
      for (const value of values) {
        const headers = {
          ce_specversion: '1.0', ce_id: randomUUID(), ce_source: 'urn:demonstration:case-system',
          ce_type: 'uk.fosterwatch.notifiable-event.reported.v1', 'content-type': 'application/json',
        };
        const sending = run('kcat', ['-P', '-b', KAFKA, '-t', 'fosterwatch.intake.notifiable-events.v1',
          ...Object.entries(headers).flatMap(([name, text]) => ['-H', `${name}=${text}`])]);
        sending.child.stdin.end(value);
        await sending;
      }
      await eventually(async () => await parked() >= before + values.length);
      assert.equal(await parked(), before + values.length);
      await open(manager, '/parked');
    });

  await t.test('people read it', async () => {
    const { events } = await eventually(async () => {
      const answer = await call(manager, 'notifiable_events.v1.NotifiableEventService/ListEvents',
        { childId: ids.children[0] });
      return answer.events?.length ? answer : undefined;
    });
    for (const path of [`/events/${events[0].eventId}`, `/children/${ids.children[0]}`,
      `/carers/${ids.carers[0]}`, `/complaints/${ids.complaints[0]}`, '/complaints', '/carers']) {
      await open(manager, path);
    }
    await open(manager, `/children/${ids.children[0]}`);
    await manager.getByText(MARK).first().waitFor();
    // Its notices and alerts have left.
    assert.ok(await eventually(async () => (await mails()).filter(({ text }) =>
      text?.includes(events[0].eventId) || text?.includes(events[0].caseNumber ?? events[0].eventId))));
  });

  assert.ok(told >= 200, `${told} canaries`);
  const sent = await mails();
  const places = {
    logs, databases, topics, metrics,
    'list of processes': async () => [['ps', (await run('ps', ['-eo', 'args'], AT_MOST)).stdout]],
    'addresses of the pages': () => [['address', urls.join('\n')]],
    'answers to what was wrong or taken': () => [['answer', answers.join('\n')]],
    'subjects and headers of mails': () => [['mail',
      sent.map(({ subject, headers }) => JSON.stringify([subject, headers])).join('\n')]],
  };
  for (const [place, read] of Object.entries(places)) {
    await t.test(`not in the ${place}`, { skip: place === 'topics' && !KAFKA && 'they are tables' },
      async () => {
        const texts = await read();
        assert.ok(texts.length > 0 && texts.some(([, text]) => text.length > 100), 'something is read');
        const found = texts.flatMap(([name, text]) =>
          findIn(text, secrets).map((what) => `${name}: ${what}`));
        assert.deepEqual(found.slice(0, 5), []);
      });
  }

  await t.test('and no crash would write it to the disk', async () => {
    for (const { limits } of await programs()) {
      assert.match(limits, /^Max core file size +0 /m);
    }
  });
});
