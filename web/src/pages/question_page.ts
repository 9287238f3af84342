// What people do with a record of a register, one question at a time on a page of its own.

import { nothing } from 'lit-html';
import type { FieldViolation } from '../errors';
import type { Field } from '../forms/field';
import { Form } from '../forms/form';
import type { WatchResponse } from '../generated/fosterwatch/gateway/v1/gateway_service_pb';
import type { Frame, Page } from '../page';
import type { Content } from '../ui/html';
import { FormPage } from './form_page';

// The record that a question is about, and where its page is.
export interface About<Record> {
  section: string;
  id: string;
  back: { href: string; text: string };
  read: () => Promise<Record>;
  caption: (record: Record) => Content;
}

export interface Question<Record> {
  heading: string;
  submit: string;
  // Said once it was taken.
  done: string;
  may: (frame: Frame) => boolean;
  // Said instead of the form to whoever may not.
  forbidden: string;
  // The record is there once the page is shown.
  fields: (frame: Frame, record: () => Record | undefined) => {
    fields: readonly Field[];
    send: (requestId: string, id: string) => Promise<unknown>;
    // Fills the questions in from the record, once it is read; other questions than `fields` where
    // only the record says which.
    begin?: (record: Record) => readonly Field[] | void;
  };
  intro?: (record: Record, frame: Frame) => Content;
  // Said instead of the form where the record leaves nothing to ask.
  instead?: (record: Record) => string | undefined;
  // What a violation says that belongs to no field.
  explain?: (violation: FieldViolation, record: Record | undefined) => Content;
  // Read besides the record.
  read?: (frame: Frame, id: string) => Promise<unknown>;
}

export const RECORDERS = 'Caseworkers and managers do this. You are signed in without such a role.';
export const MANAGERS = 'The managers do this. You are signed in without such a role.';
export const CLOSERS =
  'The registered manager or the deputy does this. You are signed in without such a role.';

export function questionPage<Record>(
  frame: Frame, about: About<Record>, question: Question<Record>,
): Page {
  let record: Record | undefined;
  let begin: ((record: Record) => void) | undefined;
  return new FormPage(frame, {
    section: about.section,
    heading: question.heading,
    back: about.back,
    caption: () => record ? about.caption(record) : nothing,
    concerns: ({ aggregateId, topic }: WatchResponse) => aggregateId === about.id
      || /\.(placements|carers|directory)\./.test(topic),
    read: async () => {
      // Whoever may not answer may not read it either, as a rule.
      if (!question.may(frame)) return;
      [record] = await Promise.all([about.read(), question.read?.(frame, about.id)]);
      begin?.(record);
      begin = undefined;
    },
    instead: () => !question.may(frame) ? question.forbidden
      : record && question.instead?.(record),
    intro: () => record ? question.intro?.(record, frame) ?? nothing : nothing,
    form: (page) => {
      const { fields, send, begin: fill } = question.fields(frame, () => record);
      const { explain } = question;
      const form = new Form({
        fields,
        submit: question.submit,
        ...explain ? { explain: (violation) => explain(violation, record) } : {},
        send: async (requestId) => {
          await send(requestId, about.id);
          page.done(question.done);
        },
      });
      if (fill) {
        begin = (read) => {
          const asked = fill(read);
          if (asked) form.ask(asked);
        };
      }
      return form;
    },
  });
}

export const ifShown = (field: Field, value: string) => field.shown ? value.trim() : '';
