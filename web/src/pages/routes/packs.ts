// Documents for others.

import { inspectionPackPage } from '../packs';
import { page } from './page';

export const routes = [page('/packs', (frame) => inspectionPackPage(frame))];
