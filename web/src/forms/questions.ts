// Questions that many forms ask in the same way.

import { Channel } from '../generated/fosterwatch/type/v1/channel_pb';
import { channelWords } from '../words';
import { DayField } from './day_field';
import { CheckboxesField, RadiosField, TextField, type FieldOptions } from './field';
import { MomentField, partsOf } from './moment_field';

// Several sentences.
export const longText = (options: FieldOptions & { lines?: number; maxLength?: number }) =>
  new TextField({ lines: 5, maxLength: 20_000, ...options });

// A few words.
export const shortText = (options: FieldOptions & { width?: 10 | 20 | 30; maxLength?: number }) =>
  new TextField({ width: 20, maxLength: 200, ...options });

// A moment that has passed, and as a rule not long ago: begins as `now`.
export const pastMoment = (now: Date, options: FieldOptions) =>
  new MomentField({ hint: 'London time.', ...options }, partsOf(now));

// One of an enum's values, by its number.
export class EnumField<Value extends number> extends RadiosField {
  constructor(options: FieldOptions & {
    values: readonly Value[] | (() => readonly Value[]);
    words: (value: Value) => string;
    hints?: (value: Value) => string | undefined;
  }) {
    const { values, words, hints } = options;
    super({
      ...options,
      choices: () => (typeof values === 'function' ? values() : values).map((value) => {
        const hint = hints?.(value);
        return { value: String(value), text: words(value), ...(hint ? { hint } : {}) };
      }),
    });
  }

  // 0 is what the contract calls UNSPECIFIED.
  get chosen(): Value {
    return (this.shown ? Number(this.value) : 0) as Value;
  }
}

// Any of an enum's values.
export class EnumsField<Value extends number> extends CheckboxesField {
  constructor(options: FieldOptions & {
    values: readonly Value[]; words: (value: Value) => string;
  }) {
    super({
      ...options,
      choices: () => options.values.map((value) => ({ value: String(value), text: options.words(value) })),
    });
  }

  get chosen(): Value[] {
    return this.values.map((value) => Number(value) as Value);
  }
}

// By which one a person told somebody.
export const channelField = (options: FieldOptions) => new EnumField<Channel>({
  ...options,
  values: [Channel.TELEPHONE, Channel.EMAIL, Channel.ONLINE_FORM],
  words: channelWords,
});

// "Yes" or "no".
export class YesNoField extends RadiosField {
  constructor(options: FieldOptions & { yes?: string; no?: string }) {
    super({
      ...options,
      choices: () => [
        { value: 'yes', text: options.yes ?? 'Yes' }, { value: 'no', text: options.no ?? 'No' },
      ],
    });
  }

  get isYes(): boolean {
    return this.shown && this.value === 'yes';
  }
}

// A small whole number; 0 where nothing was typed.
export class NumberField extends TextField {
  constructor(options: FieldOptions) {
    super({ width: 10, maxLength: 3, ...options });
  }

  override check(): string | undefined {
    if (this.value.trim() === '') return this.options.required;
    return /^\d{1,3}$/.test(this.value.trim()) ? undefined
      : `${this.options.subject} must be a whole number`;
  }

  get number(): number {
    return Number(this.value.trim());
  }
}

// Today or a day before it, as a rule not long ago: begins as today.
export const pastDay = (now: Date, options: FieldOptions) => {
  const { day, month, year } = partsOf(now);
  return new DayField(options, { day, month, year });
};
