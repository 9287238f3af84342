// Documents for others.

import { packsPage } from '../packs';
import { page } from './page';

export const routes = [page('/packs', (frame) => packsPage(frame))];
