// What people write stays text: on every page, in every field of every answer, in a pack's documents, in
// mails. Markup of forty kinds stands for it; nothing of it runs, and no browser had to forbid it.

import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';
import { inflateRawSync, inflateSync } from 'node:zlib';
import { call, findChild, open, openBrowser, personAt } from './lib/browser.mjs';
import {
  ALL, grown, PAYLOADS, personalTexts, Poison, readProtos, shownTexts, watchMarkup,
} from './lib/markup.mjs';
import { everyPage } from './lib/pages.mjs';
import { eventually, mails, URL_OF_SUITE } from './lib/suite.mjs';

// On one bus as on the other: what stands between is the same program.
const skip = process.env.FOSTERWATCH_BUS === 'kafka' && 'told on the other bus';

// What only the command line asks for.
const ON_NO_PAGE = ['kpis.v1.FigureReport.reason'];

const ago = (hours) => new Date(Date.now() - hours * 3_600_000).toISOString();

// Records whose names and texts are markup, by the pages' own door.
async function write(page) {
  const mark = Date.now().toString(36);
  const known = await findChild(page, { sameAuthority: true });
  const names = PAYLOADS.filter((each) => each.length < 190);
  const children = names.map((name, i) =>
    ({ ...known, childId: `C-X${mark}${i}`, carerId: '', name, birthDate: '2012-01-02' }));
  for (const child of children) await call(page, 'placements.v1.PlacementsService/RecordChild', { child });
  const carerId = `X-${mark}`;
  await call(page, 'carers.v1.CarersService/TakeOverCarer', {
    requestId: randomUUID(), carerId, kind: 'KIND_MAINSTREAM', approvedDate: '2024-05-06',
    particulars: {
      name: names[0], address: names[5],
      fosterParents: names.slice(1, 3).map((name) => ({ name, birthDate: '1980-01-02', sex: 'SEX_FEMALE' })),
    },
    terms: [{ effectiveDate: '2024-05-06', terms: { maxChildren: 2, note: ALL } }],
  });
  const bodyId = `x-${mark}`;
  await call(page, 'directory.v1.DirectoryService/RecordBody', {
    body: {
      bodyId, kind: 'KIND_LOCAL_AUTHORITY', name: names[1],
      contacts: [{ channel: 'CHANNEL_EMAIL', address: 'someone@authority.example' }],
    },
  });
  const child = { ...children[0], responsibleAuthorityId: bodyId };
  // Once the register of children has heard of the authority.
  assert.ok(await eventually(() => call(page, 'placements.v1.PlacementsService/RecordChild', { child })
    .catch((error) => assert.match(String(error), /UNKNOWN_BODY/))));
  const { eventId } = await call(page, 'notifiable_events.v1.NotifiableEventService/ReportEvent', {
    requestId: randomUUID(),
    report: {
      kinds: ['EVENT_KIND_SERIOUS_ILLNESS_ACCIDENT'], childId: child.childId, carerId,
      occurredTime: ago(2), becameAwareTime: ago(1), place: names[6], summary: ALL, immediateActions: ALL,
    },
  });
  const about = { requestId: randomUUID(), eventId };
  await call(page, 'notifiable_events.v1.NotifiableEventService/AddEvidence',
    { ...about, text: ALL, reference: names[7] });
  await call(page, 'notifiable_events.v1.NotifiableEventService/AddAction', {
    ...about, requestId: randomUUID(), description: ALL.slice(0, 1_900), ownerId: page.personId, dueTime: ago(-240),
  });
  const complaint = await call(page, 'complaints.v1.ComplaintsService/RecordComplaint', {
    requestId: randomUUID(),
    report: {
      kind: 'COMPLAINT_KIND_COMPLAINT', receivedTime: ago(3), receivedBy: 'RECEIVED_BY_EMAIL',
      giver: { kind: 'GIVER_KIND_PARENT', name: names[8], contact: names[9] },
      subject: { kind: 'SUBJECT_KIND_CARER', carerId, childId: child.childId },
      category: 'QUALITY_OF_CARE', summary: ALL, wish: ALL.slice(0, 1_900), procedureId: 'reg18',
    },
    points: [ALL.slice(0, 1_900)],
  });
  const allegation = await call(page, 'allegations.v1.AllegationsService/ReceiveAllegation', {
    requestId: randomUUID(),
    report: {
      carerId, childId: child.childId, grounds: ['GROUND_HARM'], informant: 'INFORMANT_CHILD',
      becameAwareTime: ago(4), summary: ALL, immediateActions: ALL,
    },
  });
  return {
    eventId,
    addresses: {
      'an event': `/events/${eventId}`,
      'the proof of its notices': `/events/${eventId}/proof`,
      'the regulator’s form': `/events/${eventId}/export`,
      'a complaint': `/complaints/${complaint.complaintId}`,
      'an allegation': `/allegations/${allegation.allegationId}`,
      'a child': `/children/${child.childId}`,
      'a carer': `/carers/${carerId}`,
      'the directory': '/directory',
    },
  };
}

// All files of a pack, as the page fetches them.
async function packOf(page) {
  let pack = await call(page, 'packs.v1.PacksService/MakeInspectionPack', { seed: 'markup', sampleSize: 5 });
  const { packId } = pack;
  await eventually(async () => {
    pack = await call(page, 'packs.v1.PacksService/GetPack', { packId });
    return pack.state !== 'STATE_MAKING' && pack.state !== 'STATE_WAITING';
  });
  assert.equal(pack.state, 'STATE_READY', JSON.stringify(pack));
  const files = new Map();
  for (const { name } of pack.files) {
    const parts = [];
    for (let offset = 0, size = 1; offset < size;) {
      const part = await call(page, 'packs.v1.PacksService/ReadPackFile', { packId, name, offset });
      parts.push(Buffer.from(part.content, 'base64'));
      offset += parts.at(-1).length;
      size = Number(part.size);
    }
    files.set(name, Buffer.concat(parts));
  }
  return files;
}

// The files in a ZIP archive, as text.
function unzip(archive) {
  const files = new Map();
  for (let at = archive.indexOf('PK\x01\x02'); at >= 0 && archive.readUInt32LE(at) === 0x02014b50;) {
    const [size, name, extra, comment] = [archive.readUInt32LE(at + 20), ...[28, 30, 32]
      .map((offset) => archive.readUInt16LE(at + offset))];
    const local = archive.readUInt32LE(at + 42);
    const begin = local + 30 + archive.readUInt16LE(local + 26) + archive.readUInt16LE(local + 28);
    const content = archive.subarray(begin, begin + size);
    files.set(archive.toString('utf8', at + 46, at + 46 + name),
      (archive.readUInt16LE(at + 10) === 0 ? content : inflateRawSync(content)).toString());
    at += 46 + name + extra + comment;
  }
  return files;
}

// A PDF with what it has packed.
function unpacked(pdf) {
  const text = pdf.toString('latin1');
  const parts = [text];
  for (const { index, 0: begin } of text.matchAll(/stream\r?\n/g)) {
    const from = index + begin.length;
    try {
      parts.push(inflateSync(pdf.subarray(from, text.indexOf('endstream', from))).toString('latin1'));
    } catch {
      // Not every stream is packed.
    }
  }
  return parts.join('\n');
}

test('no text becomes markup', { skip }, async (t) => {
  const protos = await readProtos();
  const browser = await openBrowser(t);
  const page = await personAt(t, browser, 'registered_manager', { expected: /status of 4/ });
  const seen = await watchMarkup(page.context());
  const written = await write(page);
  const pages = await everyPage(page);

  await t.test('that was written by the pages’ own door', async () => {
    for (const [what, path] of Object.entries(written.addresses)) {
      await open(page, path);
      // Whole, as it was typed.
      const texts = await page.evaluate(shownTexts);
      assert.ok(PAYLOADS.some((each) => texts.includes(each)), what);
      assert.deepEqual([await page.evaluate(grown), seen], [[], []], what);
    }
  });

  await t.test('whatever the field, on any page', async () => {
    const poison = new Poison(protos);
    const shown = new Set();
    await page.route(/\/fosterwatch\./, async (route) => {
      const method = protos.methods.get(new URL(route.request().url()).pathname);
      if (!method || method.serverStreaming) return route.continue();
      const answer = await route.fetch();
      // Where nothing is, something might have been.
      const json = poison.fill(method.outputType, answer.ok() ? await answer.json() : {});
      return route.fulfill({ status: 200, contentType: 'application/json', json });
    });
    for (const [state, path] of Object.entries(pages)) {
      await open(page, path);
      assert.deepEqual([await page.evaluate(grown), seen], [[], []], state);
      for (const [, number] of (await page.evaluate(shownTexts)).matchAll(/xssShown(\d+)\. (?=<script>)/g)) {
        shown.add(poison.put[number]);
      }
    }
    await page.unroute(/\/fosterwatch\./);
    const put = new Set(poison.put);
    const never = personalTexts(protos).filter((field) => !put.has(field) && !ON_NO_PAGE.includes(field));
    assert.deepEqual(never, [], 'each is in the answer to some page');
    t.diagnostic(`${put.size} fields in answers, ${shown.size} of them shown, on ${Object.keys(pages).length} pages`);
    assert.ok(shown.size > 150, `${shown.size} fields are shown`);
  });

  await t.test('in a pack', async () => {
    const files = await packOf(page);
    let read = 0;
    const reader = await page.context().newPage();
    for (const [name, content] of files) {
      if (name.endsWith('.html')) {
        // Somebody opens it from their disk, where no policy of ours protects it.
        await reader.setContent(content.toString());
        const texts = await reader.evaluate(shownTexts);
        assert.ok(PAYLOADS.some((each) => texts.includes(each)), name);
        assert.deepEqual(await reader.evaluate(grown), [], name);
      } else if (name.endsWith('.xlsx')) {
        const parts = [...unzip(content).values()].join('\n');
        assert.ok(parts.includes('&lt;script&gt;'), name);
        assert.doesNotMatch(parts, /<script|<f>|Target="(?!https?:|mailto:|\/?[\w./]+")/i, name);
      } else if (name.endsWith('.pdf')) {
        const text = unpacked(content);
        assert.ok(text.length > 2 * content.length, 'what is packed in it is read');
        assert.doesNotMatch(text, /\/(JavaScript|JS|Launch|OpenAction|AA)\b|\/URI ?\((?!https?:|mailto:)/, name);
      } else if (name.endsWith('.csv')) {
        if (PAYLOADS.some((each) => content.toString().includes(each.replaceAll('"', '""')))) read += 1;
      }
    }
    assert.ok(read >= 2, `${read} tables hold what was written`);
    assert.deepEqual(seen, []);
  });

  await t.test('nor in a mail', async () => {
    const about = async () => (await mails()).filter(({ text }) => text?.includes(written.eventId));
    assert.ok((await eventually(about)).length > 0);
    for (const { html, headers, subject } of await about()) {
      assert.equal(html || '', '');
      assert.match(headers['content-type'], /^text\/plain/);
      assert.doesNotMatch(subject, /[<>]/);
    }
  });
  // Also what was told late.
  assert.deepEqual(seen, []);
});
