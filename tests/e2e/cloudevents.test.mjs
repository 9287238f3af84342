// An event from the CloudEvents project's own SDK is taken in every mode of the HTTP binding, and is
// the same event however it is spelled.

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { CloudEvent, HTTP } from 'cloudevents';
import { BIN, URL_OF_SUITE } from './lib/suite.mjs';

const TYPE = 'uk.fosterwatch.notifiable-event.reported.v1';

async function token() {
  const { stdout } = await promisify(execFile)(`${BIN}/fosterwatch`, ['token', '--as', 'caseworker']);
  return stdout.trim();
}

function reported(data = {}, attributes = {}) {
  const now = new Date().toISOString();
  return new CloudEvent({
    id: randomUUID(),
    source: 'urn:demonstration:case-system',
    type: TYPE,
    time: now,
    datacontenttype: 'application/json',
    // An extension of its own, as case systems have them.
    casesystemversion: '7',
    data: {
      kinds: ['EVENT_KIND_CHILD_MISSING'], child_id: 'C-0003', occurred_time: now,
      became_aware_time: now, summary: 'Left after supper – has not come back. Ünïcode, "quotes", %.',
      ...data,
    },
    ...attributes,
  });
}

// What the SDK made, sent as it stands.
async function send(bearer, { headers, body }) {
  const answer = await fetch(`${URL_OF_SUITE}/v1/events`, {
    method: 'POST',
    headers: { ...headers, authorization: `Bearer ${bearer}` },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
  return { status: answer.status, type: answer.headers.get('content-type'), body: await answer.json() };
}

const batch = (events) => ({
  headers: { 'content-type': 'application/cloudevents-batch+json; charset=utf-8' },
  body: JSON.stringify(events),
});

test('events from the CloudEvents SDK', async (t) => {
  const bearer = await token();

  await t.test('binary, structured and batched are one event', async () => {
    const event = reported();
    const binary = await send(bearer, HTTP.binary(event));
    assert.equal(binary.status, 202, JSON.stringify(binary.body));
    assert.equal(binary.body.id, event.id);
    assert.ok(binary.body.event_id);
    assert.equal(binary.body.location, `/events/${binary.body.event_id}`);

    const structured = await send(bearer, HTTP.structured(event));
    assert.equal(structured.status, 202, JSON.stringify(structured.body));
    assert.equal(structured.body.event_id, binary.body.event_id);

    const batched = await send(bearer, batch([event]));
    assert.equal(batched.status, 200, JSON.stringify(batched.body));
    assert.deepEqual(batched.body.map(({ status, event_id: id }) => [status, id]),
      [[202, binary.body.event_id]]);
  });

  await t.test('each event of a batch has its own answer', async () => {
    const events = [reported(), reported({ kinds: ['EVENT_KIND_PARTY'] }), reported()];
    const { status, body } = await send(bearer, batch(events));
    assert.equal(status, 200);
    assert.deepEqual(body.map(({ index, id, status: each }) => [index, id, each]),
      events.map(({ id }, index) => [index, id, index === 1 ? 400 : 202]));
    assert.equal(body[1].field, 'data.kinds[0]');
    assert.notEqual(body[0].event_id, body[2].event_id);
  });

  await t.test('a refusal names the attribute at fault', async () => {
    const unknown = await send(bearer, HTTP.structured(reported({}, { type: 'uk.elsewhere.v1' })));
    assert.equal(unknown.status, 400);
    assert.match(unknown.type, /^application\/problem\+json/);
    assert.equal(unknown.body.field, 'type');
    const stranger = await send(bearer, HTTP.binary(reported({ child_id: 'C-nobody' })));
    assert.equal(stranger.status, 400);
    assert.equal(stranger.body.reason, 'UNKNOWN_CHILD');
    assert.equal(stranger.body.field, 'data.child_id');
    const foreign = await send(bearer, HTTP.binary(reported({}, { source: 'urn:somebody:else' })));
    assert.equal(foreign.status, 403);
    assert.equal(foreign.body.field, 'source');
    const old = HTTP.binary(reported());
    old.headers['ce-specversion'] = '0.3';
    assert.equal((await send(bearer, old)).body.field, 'specversion');
  });

  await t.test('the same id with other data is refused', async () => {
    const event = reported();
    assert.equal((await send(bearer, HTTP.binary(event))).status, 202);
    const other = event.cloneWith({ data: { ...event.data, summary: 'Something else.' } });
    const { status, body } = await send(bearer, HTTP.structured(other));
    assert.equal(status, 409);
    assert.equal(body.reason, 'REQUEST_ID_REUSED');
    assert.equal(body.field, 'id');
  });
});
