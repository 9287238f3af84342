// What the frame shows inside itself.

import type { TemplateResult } from 'lit-html';
import type { Session, WatchResponse } from './generated/fosterwatch/gateway/v1/gateway_service_pb';
import type { Alert } from './generated/fosterwatch/notifications/v1/notification_pb';
import type { Names } from './names';

export interface Page {
  // Without the name of the service; unique among the pages.
  title(): string;
  // Reads all that view() shows. Called when the page is opened and again after each change; what
  // view() showed before stays until it is done.
  load(): Promise<void>;
  view(): TemplateResult;
  // Whether the page shows a refused form.
  hasErrors?(): boolean;
  // Whether load() has anything to read again after this fact; without it, it always has. Called
  // without a fact when facts may have been missed: nothing kept from before may be trusted.
  concerns?(fact: WatchResponse | undefined): boolean;
  // The first place in the menu that the page belongs to.
  section?: string;
}

// What a page gets from the frame.
export interface Frame {
  readonly session: Session;
  readonly names: Names;
  readonly openAlerts: OpenAlerts;
  now(): Date;
  // Shows what has changed.
  update(): void;
  navigate(path: string, options?: { notice?: string; replace?: boolean }): void;
}

export interface OpenAlerts {
  count: number;
  // The first page of them.
  alerts: readonly Alert[];
}
