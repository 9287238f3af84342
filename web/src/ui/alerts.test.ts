import { create } from '@bufbuild/protobuf';
import { expect, it } from 'vitest';
import { Alert_Kind, AlertSchema } from '../generated/fosterwatch/notifications/v1/notification_pb';
import { saidOnce } from './alerts';

const attention = (alertId: string, recordId: string, rung = 0) =>
  create(AlertSchema, { alertId, kind: Alert_Kind.ATTENTION, recordId, reasonCode: 'KPI_RED', rung });

it('an alert of every kind is said, and what is found several times of one record once', () => {
  const kinds = Object.values(Alert_Kind).filter((kind): kind is Alert_Kind =>
    typeof kind === 'number' && kind !== Alert_Kind.UNSPECIFIED && kind !== Alert_Kind.ATTENTION);
  const others = kinds.flatMap((kind) => ['a', 'b'].map((id) =>
    create(AlertSchema, { alertId: `${kind} ${id}`, kind, eventId: 'e1' })));
  const said = saidOnce([
    ...others, attention('c', 'CR2'), attention('d', 'CR4'), attention('e', 'CR2'), attention('f', 'CR2', 1),
  ]);
  expect(said.map(({ alert }) => alert.alertId))
    .toEqual([...others.map(({ alertId }) => alertId), 'c', 'd', 'f']);
  expect(said.slice(others.length).map(({ same }) => same)).toEqual([2, 1, 1]);
  expect(said.reduce((sum, { same }) => sum + same, 0)).toBe(others.length + 4);
});
