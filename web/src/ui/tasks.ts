// What is to be done, as the overview lists it.

import type { Content } from './html';

export interface Task {
  what: Content;
  when: Content;
  // Sorts the list; the earliest first.
  time: number;
  late: boolean;
  // How many it is said for; 1 unless this says otherwise.
  standsFor?: number;
}

export const sentenceCase = (text: string) => text.charAt(0).toUpperCase() + text.slice(1);
