// The carer that a question is about, and who may answer it.

import { carers, placements } from '../api';
import type { Carer } from '../generated/fosterwatch/carers/v1/carer_pb';
import type { Frame } from '../page';
import { paths } from '../router';
import { carerWords } from '../ui/carers';
import { CLOSERS, MANAGERS, RECORDERS, type About } from './question_page';
import { mayCloseCase, mayKeepHousehold, mayRecord, mayWorkCase } from './rights';

export const aboutCarer = (frame: Frame, carerId: string): About<Carer> => ({
  section: 'carers',
  id: carerId,
  back: { href: paths.carer(carerId), text: 'The carer' },
  read: () => carers.getCarer({ carerId }),
  caption: (carer) => carerWords(carer, frame.names, carerId),
});

export const records = { may: ({ session }: Frame) => mayRecord(session), forbidden: RECORDERS };
// What the supervising social worker of the household records too.
export const keeps = { may: ({ session }: Frame) => mayKeepHousehold(session), forbidden: RECORDERS };
export const works = { may: ({ session }: Frame) => mayWorkCase(session), forbidden: MANAGERS };
export const closes = { may: ({ session }: Frame) => mayCloseCase(session), forbidden: CLOSERS };

// The children who live there; none where the register of placements has not heard of the carer.
export async function readResidents({ names }: Frame, carerId: string): Promise<string[]> {
  const { households: [household] } = await placements.listHouseholds({ carerIds: [carerId] });
  const residents = (household?.residents ?? []).map(({ childId }) => childId);
  await names.ensureChildren(residents);
  return residents;
}
