import { afterEach, describe, expect, it, vi } from 'vitest';
import { Names } from './names';

// What the pages send, by method, and what a register answers that has these alone.
function asked() {
  const requests: { method: string; body: Record<string, unknown> }[] = [];
  vi.stubGlobal('fetch', async (url: string, { body }: { body: Uint8Array | string }) => {
    const method = url.slice(url.lastIndexOf('/') + 1);
    const text = typeof body === 'string' ? body : new TextDecoder().decode(body);
    requests.push({ method, body: JSON.parse(text) as Record<string, unknown> });
    const answer = method === 'ListCarers' ? { carers: [{ carerId: 'F-1', name: 'Jo Ward' }] }
      : method === 'ListChildren' ? { children: [{ childId: 'C-1', name: 'Amira Okafor' }] } : {};
    return new Response(JSON.stringify(answer), { headers: { 'content-type': 'application/json' } });
  });
  return requests;
}

afterEach(() => { vi.unstubAllGlobals(); });

describe('the names that somebody may read', () => {
  it('are asked for by ids, and the directory whole', async () => {
    const requests = asked();
    const names = new Names();
    await Promise.all([names.ensureCarers(['F-1', 'F-2']), names.ensureDirectory()]);
    expect(requests.map(({ method }) => method).sort()).toEqual(['ListBodies', 'ListCarers', 'ListHolders']);
    expect(requests.find(({ method }) => method === 'ListCarers')?.body.carerIds).toEqual(['F-1', 'F-2']);
    expect([names.carer('F-1'), names.carer('F-2')]).toEqual(['Jo Ward (F-1)', 'F-2']);
  });

  it('of an own caseload are asked for without naming anybody of another one', async () => {
    const requests = asked();
    const names = new Names();
    names.ownCaseload = true;
    await Promise.all([names.ensureCarers(['F-1', 'F-2']), names.ensureChildren(['C-1', 'C-2'])]);
    expect(requests.map(({ method }) => method).sort()).toEqual(['ListCarers', 'ListChildren']);
    for (const { body } of requests) expect(Object.keys(body).filter((key) => key.endsWith('Ids'))).toEqual([]);
    expect([names.child('C-1'), names.child('C-2')]).toEqual(['Amira Okafor (C-1)', 'C-2']);
  });
});
