// The suite in containers, as `./dev test containers` brought it up: what runs, reporting to it, and
// what came of a report.

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { eventually, mails, token, URL_OF_SUITE } from '../e2e/lib/suite.mjs';

export const ROOT = fileURLToPath(new URL('../..', import.meta.url));

export const docker = async (...command) => (await promisify(execFile)('docker', command,
  { cwd: ROOT, maxBuffer: 1 << 28 })).stdout;

export const compose = (...command) => docker('compose', ...command);

// What docker-compose.yml says, with all that is filled in.
export const composeFile = async () => JSON.parse(await compose('config', '--format', 'json'));

// What the engine says of each container that stays: by service.
export async function containers() {
  const ids = (await compose('ps', '--quiet')).trim().split('\n');
  const all = JSON.parse(await docker('inspect', ...ids));
  return Object.fromEntries(all.map((each) => [each.Config.Labels['com.docker.compose.service'], each]));
}

export async function allHealthy() {
  const unhealthy = Object.entries(await containers())
    .filter(([, { State }]) => State.Health?.Status !== 'healthy').map(([name]) => name);
  return unhealthy.length === 0;
}

// Kills it as a machine out of memory would: `docker kill` is a person's wish, after which the engine
// starts nothing again.
export async function killed(service) {
  const before = (await containers())[service];
  assert.ok(before.State.Pid > 0, `${service} runs`);
  process.kill(before.State.Pid, 'SIGKILL');
  return eventually(async () => {
    const { State, RestartCount } = (await containers())[service];
    return RestartCount > before.RestartCount && State.Running && State.Pid !== before.State.Pid;
  }, 120_000);
}

const bearer = token('--as', 'caseworker');

async function post(path, body, headers = {}) {
  const answer = await fetch(URL_OF_SUITE + path, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${await bearer}`, 'content-type': 'application/json', ...headers,
    },
    body: JSON.stringify(body),
    signal: AbortSignal.timeout(30_000),
  });
  const text = await answer.text();
  if (!answer.ok) throw Object.assign(new Error(`${answer.status} ${text}`), { status: answer.status });
  return text === '' ? {} : JSON.parse(text);
}

export const call = (method, request = {}) =>
  post(`/fosterwatch.${method}`, request, { 'connect-protocol-version': '1' });

let accidents = 0;

// Publishes an accident at school as a case system does: the same CloudEvent again until it is taken.
// Each is of another child, so that none looks like another. What is refused for good fails.
export async function publish() {
  const number = ++accidents;
  const id = `containers-${crypto.randomUUID()}`;
  const headers = {
    'ce-specversion': '1.0', 'ce-id': id, 'ce-source': 'urn:demonstration:case-system',
    'ce-type': 'uk.fosterwatch.notifiable-event.reported.v1',
  };
  const ago = (hours) => new Date(Date.now() - hours * 3_600_000).toISOString();
  const event = {
    kinds: ['EVENT_KIND_SERIOUS_ILLNESS_ACCIDENT'],
    childId: `C-00${10 + number}`,
    occurredTime: ago(2),
    becameAwareTime: ago(1),
    summary: `A fall in the playground, number ${number}.`,
  };
  let refused;
  const taken = await eventually(async () => {
    try {
      await post('/v1/events', event, headers);
      return true;
    } catch (error) {
      const final = error.status >= 400 && error.status < 500 && ![408, 425, 429].includes(error.status);
      if (final) throw error;
      refused = error;
      return false;
    }
  }, 180_000);
  assert.ok(taken, `never taken: ${refused}`);
  return event.childId;
}

export async function eventsOf(children) {
  const found = [];
  for (let pageToken = ''; ;) {
    const { events = [], nextPageToken } = await call(
      'notifiable_events.v1.NotifiableEventService/ListEvents', { pageSize: 200, pageToken });
    found.push(...events.filter(({ childId }) => children.includes(childId)));
    if (!nextPageToken) return found;
    pageToken = nextPageToken;
  }
}

export const mailsAbout = async (eventId) =>
  (await mails()).filter(({ text, html }) => `${text}${html}`.includes(eventId));

// The ids of the facts of that type and subject in a topic, read from its beginning as somebody else's
// consumer does; a set, since a fact may be published twice with one id.
export async function factsIn(topic, type, subjects) {
  const records = await compose('exec', '-T', 'kafka', '/opt/kafka/bin/kafka-console-consumer.sh',
    '--bootstrap-server', 'kafka:9092', '--topic', topic, '--from-beginning', '--timeout-ms', '10000',
    '--formatter-property', 'print.headers=true');
  const found = new Map(subjects.map((subject) => [subject, new Set()]));
  const headers = /ce_id:([^,]+),[^\n]*?ce_type:([^,]+),[^\n]*?ce_subject:([^,]+),/g;
  for (const [, id, itsType, subject] of records.matchAll(headers)) {
    if (itsType === type) found.get(subject)?.add(id);
  }
  return found;
}
