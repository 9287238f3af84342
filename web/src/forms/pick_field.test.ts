import { describe, expect, it } from 'vitest';
import { exactly, search } from './pick_field';

const picks = [
  { id: 'C-0001', text: 'Amira Okafor (C-0001)' },
  { id: 'C-0002', text: 'Samuel Amir (C-0002)' },
  { id: 'C-0010', text: 'Lena Hart (C-0010)' },
];

describe('picking a record', () => {
  it('finds by any part of the name or the id', () => {
    expect(search(picks, 'hart lena')).toEqual([picks[2]]);
    expect(search(picks, 'c-000').map(({ id }) => id)).toEqual(['C-0001', 'C-0002']);
    expect(search(picks, ' ')).toHaveLength(3);
    expect(search(picks, 'nobody')).toEqual([]);
  });

  it('lists first what begins with the text', () => {
    expect(search(picks, 'amir').map(({ id }) => id)).toEqual(['C-0001', 'C-0002']);
    expect(search(picks, 'samuel amir').map(({ id }) => id)).toEqual(['C-0002']);
  });

  it('takes only what names one record in full', () => {
    expect(exactly(picks, 'c-0010')).toBe(picks[2]);
    expect(exactly(picks, 'Lena Hart (C-0010)')).toBe(picks[2]);
    expect(exactly(picks, 'Lena Hart')).toBeUndefined();
  });
});
