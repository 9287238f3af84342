// The allegation that a question is about, and who may answer it.

import { allegations } from '../api';
import type { Allegation } from '../generated/fosterwatch/allegations/v1/allegation_pb';
import type { Frame } from '../page';
import { paths } from '../router';
import { allegationWords } from '../ui/allegations';
import type { About } from './question_page';
import { mayCloseCase, mayRecord, mayWorkCase } from './rights';

export const aboutAllegation = (frame: Frame, allegationId: string): About<Allegation> => ({
  section: 'allegations',
  id: allegationId,
  back: { href: paths.allegation(allegationId), text: 'The allegation' },
  read: async () => {
    const allegation = await allegations.getAllegation({ allegationId });
    await frame.names.ensureCarers([allegation.carerId]);
    return allegation;
  },
  caption: (allegation) => allegationWords(allegation, frame.names),
});

export const works = ({ session }: Frame) => mayWorkCase(session);
export const records = ({ session }: Frame) => mayRecord(session);
export const closes = ({ session }: Frame) => mayCloseCase(session);
