// Names for the ids that records carry. Kept in memory only, read when a page first needs them and
// again when a fact says that they have changed.

import { carers as carersApi, directory, placements } from './api';
import type { Carer } from './generated/fosterwatch/carers/v1/carer_pb';
import type { Body, RoleHolder } from './generated/fosterwatch/directory/v1/directory_pb';
import type { WatchResponse } from './generated/fosterwatch/gateway/v1/gateway_service_pb';
import type { Child } from './generated/fosterwatch/placements/v1/child_pb';
import { roleWords } from './words';

const PAGE_SIZE = 1000;

export class Names {
  #children = new Map<string, Child | undefined>();
  #carers = new Map<string, Carer | undefined>();
  #bodies = new Map<string, Body>();
  #people = new Map<string, RoleHolder[]>();
  // What need not be read again. A name that has gone stale is shown until the new one is here.
  #freshChildren = new Set<string>();
  #freshCarers = new Set<string>();
  #allChildren = false;
  #allCarers = false;
  #directory = false;
  #readingDirectory: Promise<void> | undefined;

  // Whether only children and carers of the caller's own caseload can be read.
  ownCaseload = false;

  // "Amira Okafor (C-0142)"; the id alone where the name is not known.
  child(id: string): string {
    return withId(this.#children.get(id)?.name, id);
  }

  carer(id: string): string {
    return withId(this.#carers.get(id)?.name, id);
  }

  body(id: string): string {
    return withId(this.#bodies.get(id)?.name, id);
  }

  person(id: string): string {
    if (id === '') return 'nobody';
    if (id.startsWith('service:')) return withId('Fosterwatch', id);
    return withId(this.#people.get(id)?.[0]?.name, id);
  }

  // "Registered manager"; empty for who holds no role.
  title(id: string): string {
    const holders = this.#people.get(id) ?? [];
    return holders.map((holder) => holder.title || roleWords(holder.role)).join(', ');
  }

  // The roles that they hold now.
  holdings(id: string): readonly RoleHolder[] {
    return this.#people.get(id) ?? [];
  }

  childRecord(id: string): Child | undefined {
    return this.#children.get(id);
  }

  bodyRecord(id: string): Body | undefined {
    return this.#bodies.get(id);
  }

  childrenKnown(): Child[] {
    return [...this.#children.values()].filter((child) => child !== undefined);
  }

  carersKnown(): Carer[] {
    return [...this.#carers.values()].filter((carer) => carer !== undefined);
  }

  bodiesKnown(): Body[] {
    return [...this.#bodies.values()];
  }

  peopleKnown(): RoleHolder[] {
    return [...this.#people.values()].flatMap((holders) => holders.slice(0, 1));
  }

  async ensureChildren(ids: Iterable<string>): Promise<void> {
    // A request that names somebody else's is refused as a whole.
    if (this.ownCaseload) return this.ensureAllChildren();
    const missing = [...new Set(ids)].filter((id) => id !== '' && !this.#freshChildren.has(id));
    for (let at = 0; at < missing.length; at += PAGE_SIZE) {
      const childIds = missing.slice(at, at + PAGE_SIZE);
      const { children } = await placements.listChildren({ childIds, pageSize: PAGE_SIZE });
      const found = new Map(children.map((child) => [child.childId, child]));
      for (const id of childIds) this.#keepChild(id, found.get(id));
    }
  }

  async ensureCarers(ids: Iterable<string>): Promise<void> {
    if (this.ownCaseload) return this.ensureAllCarers();
    const missing = [...new Set(ids)].filter((id) => id !== '' && !this.#freshCarers.has(id));
    for (let at = 0; at < missing.length; at += PAGE_SIZE) {
      const carerIds = missing.slice(at, at + PAGE_SIZE);
      const { carers } = await carersApi.listCarers({ carerIds, pageSize: PAGE_SIZE });
      const found = new Map(carers.map((carer) => [carer.carerId, carer]));
      for (const id of carerIds) this.#keepCarer(id, found.get(id));
    }
  }

  async ensureAllChildren(): Promise<void> {
    if (this.#allChildren) return;
    let pageToken = '';
    do {
      const answer = await placements.listChildren({ pageSize: PAGE_SIZE, pageToken });
      for (const child of answer.children) this.#keepChild(child.childId, child);
      pageToken = answer.nextPageToken;
    } while (pageToken !== '');
    this.#allChildren = true;
  }

  async ensureAllCarers(): Promise<void> {
    if (this.#allCarers) return;
    let pageToken = '';
    do {
      const answer = await carersApi.listCarers({ pageSize: PAGE_SIZE, pageToken });
      for (const carer of answer.carers) this.#keepCarer(carer.carerId, carer);
      pageToken = answer.nextPageToken;
    } while (pageToken !== '');
    this.#allCarers = true;
  }

  async ensureDirectory(): Promise<void> {
    if (this.#directory) return;
    // The frame and the page in it ask at once.
    this.#readingDirectory ??= this.#readDirectory().finally(() => { this.#readingDirectory = undefined; });
    await this.#readingDirectory;
  }

  async #readDirectory(): Promise<void> {
    const [{ bodies }, { holders }] = await Promise.all([
      directory.listBodies({}), directory.listHolders({}),
    ]);
    this.#bodies = new Map(bodies.map((body) => [body.bodyId, body]));
    this.#people = new Map();
    for (const holder of holders) {
      this.#people.set(holder.personId, [...(this.#people.get(holder.personId) ?? []), holder]);
    }
    this.#directory = true;
  }

  // Reads again what this fact is about, when it is next needed.
  forget(fact: WatchResponse): void {
    if (fact.topic.includes('.placements.')) {
      this.#freshChildren.delete(fact.aggregateId);
      this.#allChildren = false;
    } else if (fact.topic.includes('.carers.')) {
      this.#freshCarers.delete(fact.aggregateId);
      this.#allCarers = false;
    } else if (fact.topic.includes('.directory.')) {
      this.#directory = false;
    }
  }

  // After a gap in the stream nobody knows what has changed.
  forgetAll(): void {
    this.#freshChildren.clear();
    this.#freshCarers.clear();
    this.#allChildren = false;
    this.#allCarers = false;
    this.#directory = false;
  }

  #keepChild(id: string, child: Child | undefined): void {
    this.#children.set(id, child);
    this.#freshChildren.add(id);
  }

  #keepCarer(id: string, carer: Carer | undefined): void {
    this.#carers.set(id, carer);
    this.#freshCarers.add(id);
  }
}

function withId(name: string | undefined, id: string): string {
  return name ? `${name} (${id})` : id;
}
