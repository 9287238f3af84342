// Days in London as moments.

import { timestampFromDate, type Timestamp } from '@bufbuild/protobuf/wkt';
import { momentsOf, toDate, toWallTime } from './time';

const DAY = 86_400n;

// The first moment of "2026-11-22"; nothing of anything else.
export function startOf(day: string): Timestamp | undefined {
  const match = /^(\d{4})-(\d{2})-(\d{2})$/.exec(day);
  const [moment] = match ? momentsOf({
    year: Number(match[1]), month: Number(match[2]), day: Number(match[3]), hour: 0, minute: 0,
  }) : [];
  return moment && timestampFromDate(moment);
}

// Just after a day's last moment: where the next one begins.
export function endOf(day: string): Timestamp | undefined {
  const start = startOf(day);
  if (!start) return undefined;
  // Around noon of the next day, whatever the clocks do.
  const noon = new Date(Number(start.seconds + DAY + DAY / 2n) * 1000);
  return startOf(noon.toISOString().slice(0, 10));
}

// The day of a moment, such as "2026-11-22".
export function dayOf(moment: Date): string {
  const { year, month, day } = toWallTime(moment);
  return [String(year), String(month).padStart(2, '0'), String(day).padStart(2, '0')].join('-');
}

// "" of nothing.
export const dayOfTimestamp = (time: Timestamp | undefined): string =>
  time ? dayOf(toDate(time)) : '';
