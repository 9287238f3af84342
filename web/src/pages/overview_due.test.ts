import { create } from '@bufbuild/protobuf';
import { timestampFromDate } from '@bufbuild/protobuf/wkt';
import { describe, expect, it } from 'vitest';
import { AllegationSummarySchema } from '../generated/fosterwatch/allegations/v1/allegations_service_pb';
import { ListDutiesResponse_ItemSchema } from '../generated/fosterwatch/carers/v1/carer_duties_service_pb';
import { ComplaintSummarySchema } from '../generated/fosterwatch/complaints/v1/complaints_service_pb';
import { WatchResponseSchema } from '../generated/fosterwatch/gateway/v1/gateway_service_pb';
import type { Names } from '../names';
import { carerTasks, caseTasks, everyPage, movesWhatIsDue } from './overview_due';

const now = new Date('2026-11-23T12:00:00Z');
const at = (text: string) => timestampFromDate(new Date(text));
const names = { carer: (id: string) => id } as Names;
const soon = {
  duties: [
    create(ListDutiesResponse_ItemSchema, { carerId: 'F-1', duty: { dueTime: at('2026-11-23T12:00:00Z') } }),
    create(ListDutiesResponse_ItemSchema, { carerId: 'F-2', duty: { dueTime: at('2026-11-25T00:00:00Z') } }),
    // Nothing tells when: it is not late, and not due.
    create(ListDutiesResponse_ItemSchema, { carerId: 'F-3', duty: {} }),
  ],
  dutiesTotal: 3,
  complaints: [create(ComplaintSummarySchema, { complaintId: 'c', nextDueTime: at('2026-11-22T00:00:00Z') })],
  allegations: [create(AllegationSummarySchema, { allegationId: 'a', nextDueTime: at('2026-11-24T00:00:00Z') })],
};

describe('what is late or due soon', () => {
  it('is late from its due time on', () => {
    expect(carerTasks(soon, now).map(({ late }) => late)).toEqual([true, false]);
    expect(caseTasks(soon, names, now).map(({ late }) => late)).toEqual([true, false]);
  });

  it('is read again after facts of the registers that it is of', () => {
    const fact = (topic: string) => create(WatchResponseSchema, { topic });
    expect(movesWhatIsDue(undefined)).toBe(true);
    for (const register of ['carers', 'complaints', 'allegations']) {
      expect(movesWhatIsDue(fact(`fosterwatch.${register}.v1`))).toBe(true);
    }
    expect(movesWhatIsDue(fact('fosterwatch.notifiable-events.v1'))).toBe(false);
    expect(movesWhatIsDue(fact('fosterwatch.notifications.v1'))).toBe(false);
  });
});

describe('everyPage', () => {
  it('reads to the end, for the latest of all may stand there', async () => {
    const asked: string[] = [];
    const answers = await everyPage(async (pageToken) => {
      asked.push(pageToken);
      return { nextPageToken: ['1', '2', ''][asked.length - 1]! };
    });
    expect(asked).toEqual(['', '1', '2']);
    expect(answers).toHaveLength(3);
  });
});
