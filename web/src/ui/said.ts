// What a piece of a page says, without its markup: for tests, which have no browser.

import { nothing } from 'lit-html';
import type { Content } from './html';

export function said(content: Content): string {
  return text(content).replaceAll(/<[^>]*>/g, '').replaceAll(/\s+/g, ' ').trim();
}

function text(content: unknown): string {
  if (content === nothing || content === undefined || content === null) return '';
  if (Array.isArray(content)) return content.map(text).join('');
  if (typeof content !== 'object') return String(content);
  const { strings, values } = content as { strings: readonly string[]; values: readonly unknown[] };
  return strings.map((part, index) => part + (index < values.length ? text(values[index]) : '')).join('');
}
