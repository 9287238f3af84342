// Who looked at whose record.

import { AccessPage } from '../access';
import { page } from './page';

export const routes = [
  page('/access', (frame, _, query) => new AccessPage(frame, query)),
];
