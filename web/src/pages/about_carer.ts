// The carer that a question is about.

import { carers } from '../api';
import type { Carer } from '../generated/fosterwatch/carers/v1/carer_pb';
import type { Frame } from '../page';
import { paths } from '../router';
import { carerWords } from '../ui/carers';
import type { About } from './question_page';

export const aboutCarer = (frame: Frame, carerId: string): About<Carer> => ({
  section: 'carers',
  id: carerId,
  back: { href: paths.carer(carerId), text: 'The carer' },
  read: () => carers.getCarer({ carerId }),
  caption: (carer) => carerWords(carer, frame.names, carerId),
});
