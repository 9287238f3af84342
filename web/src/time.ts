// Moments for people: Europe/London, in the GOV.UK style. Machines get UTC.

import type { Timestamp } from '@bufbuild/protobuf/wkt';

const ZONE = 'Europe/London';
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

const MONTHS = [
  'January', 'February', 'March', 'April', 'May', 'June', 'July', 'August', 'September',
  'October', 'November', 'December',
];
const WEEKDAYS = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];

// What a clock on a wall in London shows.
export interface WallTime {
  year: number;
  month: number; // 1 to 12
  day: number;
  hour: number;
  minute: number;
}

const partsFormat = new Intl.DateTimeFormat('en-GB', {
  timeZone: ZONE,
  calendar: 'iso8601',
  hourCycle: 'h23',
  year: 'numeric',
  month: 'numeric',
  day: 'numeric',
  hour: 'numeric',
  minute: 'numeric',
});

export function toWallTime(moment: Date): WallTime {
  const parts: Record<string, number> = {};
  for (const part of partsFormat.formatToParts(moment)) parts[part.type] = Number(part.value);
  return {
    year: parts.year!,
    month: parts.month!,
    day: parts.day!,
    hour: parts.hour!,
    minute: parts.minute!,
  };
}

const sameWall = (a: WallTime, b: WallTime) =>
  a.year === b.year && a.month === b.month && a.day === b.day && a.hour === b.hour &&
  a.minute === b.minute;

// The moments at which London's clocks show `wall`, earliest first: one as a rule, two in the hour
// that is repeated when the clocks go back, none in the hour that is skipped when they go forward.
export function momentsOf(wall: WallTime): Date[] {
  const asUtc = Date.UTC(wall.year, wall.month - 1, wall.day, wall.hour, wall.minute);
  return [asUtc - HOUR, asUtc]
    .map((time) => new Date(time))
    .filter((moment) => sameWall(toWallTime(moment), wall));
}

export function isCalendarDay(year: number, month: number, day: number): boolean {
  const date = new Date(Date.UTC(year, month - 1, day));
  return year >= 1900 && year <= 9999 && date.getUTCMonth() === month - 1 &&
    date.getUTCDate() === day;
}

// "22:30", "22.30", "2230", "10:30pm", "10pm", "midday", "midnight"; undefined for anything else.
export function parseTimeOfDay(text: string): { hour: number; minute: number } | undefined {
  const trimmed = text.trim().toLowerCase().replace(/\s+/g, '');
  if (trimmed === 'midday' || trimmed === 'noon') return { hour: 12, minute: 0 };
  if (trimmed === 'midnight') return { hour: 0, minute: 0 };
  const match = /^(\d{1,2})(?:[:.]?(\d{2}))?(am|pm)?$/.exec(trimmed);
  if (!match) return undefined;
  const [, hourText, minuteText, half] = match;
  // A bare "10" may be ten in the morning or at night.
  if (minuteText === undefined && half === undefined) return undefined;
  let hour = Number(hourText);
  const minute = minuteText === undefined ? 0 : Number(minuteText);
  if (minute > 59) return undefined;
  if (half) {
    if (hour < 1 || hour > 12) return undefined;
    hour = (hour % 12) + (half === 'pm' ? 12 : 0);
  }
  return hour > 23 ? undefined : { hour, minute };
}

export function formatTimeOfDay(hour: number, minute: number): string {
  if (minute === 0 && hour === 12) return 'midday';
  if (minute === 0 && hour === 0) return 'midnight';
  const half = hour < 12 ? 'am' : 'pm';
  const twelve = hour % 12 === 0 ? 12 : hour % 12;
  return minute === 0 ? `${twelve}${half}` : `${twelve}:${String(minute).padStart(2, '0')}${half}`;
}

// "16 June 2026"
export function formatDate(moment: Date): string {
  const { year, month, day } = toWallTime(moment);
  return `${day} ${MONTHS[month - 1]} ${year}`;
}

// "8:06am"; in the repeated hour it says which one.
export function formatTime(moment: Date): string {
  const wall = toWallTime(moment);
  const text = formatTimeOfDay(wall.hour, wall.minute);
  const moments = momentsOf(wall);
  if (moments.length < 2) return text;
  const first = Math.floor(moments[0]!.getTime() / MINUTE) ===
    Math.floor(moment.getTime() / MINUTE);
  return `${text} (${first ? 'before' : 'after'} the clocks went back)`;
}

// "16 June 2026 at 8:06am"
export function formatDateTime(moment: Date): string {
  const wall = toWallTime(moment);
  // "16 June at midnight" leaves open which end of the day is meant.
  if (wall.hour === 0 && wall.minute === 0) return `start of ${formatDate(moment)} (midnight)`;
  return `${formatDate(moment)} at ${formatTime(moment)}`;
}

// A due time. Midnight is the end of the day before: "end of Friday 19 June 2026".
export function formatDue(moment: Date): string {
  const wall = toWallTime(moment);
  if (wall.hour !== 0 || wall.minute !== 0) return formatDateTime(moment);
  const dayBefore = new Date(moment.getTime() - HOUR);
  const { year, month, day } = toWallTime(dayBefore);
  const weekday = WEEKDAYS[new Date(Date.UTC(year, month - 1, day)).getUTCDay()];
  return `end of ${weekday} ${formatDate(dayBefore)}`;
}

// Short, for lists: "8:06am" today, else "16 June at 8:06am", with the year where it is another.
export function formatRecent(moment: Date, now: Date): string {
  const wall = toWallTime(moment);
  const today = toWallTime(now);
  const time = formatTime(moment);
  if (wall.year !== today.year) return formatDateTime(moment);
  if (wall.month === today.month && wall.day === today.day) return `today at ${time}`;
  return `${wall.day} ${MONTHS[wall.month - 1]} at ${time}`;
}

// "2026-11-30" as "30 November 2026"; anything else as it is.
export function formatDay(day: string): string {
  const match = /^(\d{4})-(\d{2})-(\d{2})$/.exec(day);
  const name = match && MONTHS[Number(match[2]) - 1];
  return name ? `${Number(match[3])} ${name} ${match[1]}` : day;
}

// "2026-11" as "November 2026"; anything else as it is.
export function formatMonth(period: string): string {
  const match = /^(\d{4})-(\d{2})$/.exec(period);
  const name = match && MONTHS[Number(match[2]) - 1];
  return name ? `${name} ${match[1]}` : period;
}

// "2026-11" as "Nov 2026".
export function formatShortMonth(period: string): string {
  const [month, year] = formatMonth(period).split(' ');
  return year ? `${month!.slice(0, 3)} ${year}` : period;
}

const counted = (count: number, noun: string) => `${count} ${noun}${count === 1 ? '' : 's'}`;

// "12 minutes", "3 hours", "2 days"; rounded down, so that nothing looks later than it is.
export function formatDuration(milliseconds: number): string {
  if (milliseconds < MINUTE) return 'less than a minute';
  if (milliseconds < 2 * HOUR) return counted(Math.floor(milliseconds / MINUTE), 'minute');
  if (milliseconds < 2 * DAY) return counted(Math.floor(milliseconds / HOUR), 'hour');
  return counted(Math.floor(milliseconds / DAY), 'day');
}

// "due in 3 hours", "overdue by 12 minutes"
export function dueWording(due: Date, now: Date): string {
  const left = due.getTime() - now.getTime();
  return left >= 0 ? `due in ${formatDuration(left)}` : `overdue by ${formatDuration(-left)}`;
}

export function toDate(timestamp: Timestamp): Date {
  return new Date(Number(timestamp.seconds) * 1000 + Math.floor(timestamp.nanos / 1e6));
}

export function maybeDate(timestamp: Timestamp | undefined): Date | undefined {
  return timestamp && toDate(timestamp);
}

// A period of any length in words: "2026-11" as "November 2026", "2026-W47" as "week 47 of 2026",
// "2026-Q4" as "October to December 2026"; anything else as it is.
export function formatPeriod(period: string): string {
  const quarter = /^(\d{4})-Q([1-4])$/.exec(period);
  if (quarter) {
    const first = (Number(quarter[2]) - 1) * 3;
    return `${MONTHS[first]} to ${MONTHS[first + 2]} ${quarter[1]}`;
  }
  const week = /^(\d{4})-W(\d{2})$/.exec(period);
  if (week) return `week ${Number(week[2])} of ${week[1]}`;
  return /^\d{4}-\d{2}-\d{2}$/.test(period) ? formatDay(period) : formatMonth(period);
}

// For the head of a column: "2026-11" as "Nov 2026", "2026-Q4" as "Q4 2026".
export function shortPeriod(period: string): string {
  const part = /^(\d{4})-([QW]\d{1,2})$/.exec(period);
  return part ? `${part[2]} ${part[1]}` : formatShortMonth(period);
}

// "14:03:07": how fresh a screen is, to the second.
export function formatClock(moment: Date): string {
  return clockFormat.format(moment);
}

const clockFormat = new Intl.DateTimeFormat('en-GB', {
  timeZone: ZONE, hourCycle: 'h23', hour: '2-digit', minute: '2-digit', second: '2-digit',
});

// How far behind a screen was when it had been drawn: since the oldest fact was recorded that it had not
// shown; where there is none, or the clocks of the two machines differ by more than that, since what it
// shows was read.
export function behindMs(readFrom: Date, recorded: Date | undefined, drawn: Date): number {
  const since = recorded && recorded <= drawn ? recorded : readFrom;
  return Math.max(0, drawn.getTime() - since.getTime());
}

// ", 0.4 s behind"; nothing of a page that has not been drawn yet.
export function behindWords(milliseconds: number | undefined): string {
  if (milliseconds === undefined) return '';
  if (milliseconds >= MINUTE) return `, ${formatDuration(milliseconds)} behind`;
  return `, ${(milliseconds / 1000).toFixed(1)} s behind`;
}

// "2026-11" and -3 as "2026-08".
export function monthsFrom(period: string, months: number): string {
  const [year = 0, month = 1] = period.split('-').map(Number);
  const count = year * 12 + month - 1 + months;
  return `${Math.floor(count / 12)}-${String(count % 12 + 1).padStart(2, '0')}`;
}

// The month of a moment in London: "2026-11".
export function monthOf(moment: Date): string {
  const { year, month } = toWallTime(moment);
  return `${year}-${String(month).padStart(2, '0')}`;
}
