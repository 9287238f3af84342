// The register of foster carers as at any day, as it was known at any moment.

import { html, nothing, type TemplateResult } from 'lit-html';
import { create } from '@bufbuild/protobuf';
import { TimestampSchema, type Timestamp } from '@bufbuild/protobuf/wkt';
import { carers as carersApi } from '../api';
import { carerKindWords, endReasonWords, termsWords } from '../carer_words';
import { endOf } from '../days';
import { DayField, dayParts, readDay } from '../forms/day_field';
import type { RegisterEntry } from '../generated/fosterwatch/carers/v1/carer_pb';
import type {
  ExtractRegisterResponse,
} from '../generated/fosterwatch/carers/v1/carers_service_pb';
import type { WatchResponse } from '../generated/fosterwatch/gateway/v1/gateway_service_pb';
import type { Frame, Page } from '../page';
import { paths } from '../router';
import { formatDay } from '../time';
import { filterCheckbox, filterForm } from '../ui/filter';
import { backLink, empty, link, moment, pages, table } from '../ui/html';

const PAGE_SIZE = 50;

function readMoment(text: string): Timestamp | undefined {
  const match = /^(\d{1,12})\.(\d{1,9})$/.exec(text);
  return match ? create(TimestampSchema, { seconds: BigInt(match[1]!), nanos: Number(match[2]) })
    : undefined;
}

export class RegisterPage implements Page {
  readonly section = 'carers';
  #answer: ExtractRegisterResponse | undefined;
  readonly #day: DayField;
  readonly #known: DayField;
  // As they are in the address.
  readonly #asAt: string;
  readonly #knownOn: string;
  readonly #everyone: boolean;
  readonly #pageToken: string;
  // Of a further page: the very moment of the first one, "seconds.nanos".
  readonly #moment: string;

  constructor(private readonly frame: Frame, query: URLSearchParams) {
    this.#asAt = query.get('at') ?? '';
    this.#knownOn = query.get('known') ?? '';
    this.#everyone = query.get('everyone') === 'yes';
    this.#pageToken = query.get('page') ?? '';
    this.#moment = query.get('moment') ?? '';
    this.#day = new DayField({
      name: 'at', label: 'As at', subject: 'The day', conditional: true,
      hint: 'What was true then. Empty: today.',
    }, dayParts(this.#asAt));
    this.#known = new DayField({
      name: 'known', label: 'As known at the end of', subject: 'The day', conditional: true,
      hint: 'What the register had learnt by then. Empty: now.',
    }, dayParts(this.#knownOn));
    for (const field of [this.#day, this.#known]) field.changed = () => {};
  }

  title(): string {
    return 'The register as at a day';
  }

  hasErrors(): boolean {
    return this.#day.error !== undefined || this.#known.error !== undefined;
  }

  concerns(fact: WatchResponse | undefined): boolean {
    return !fact || fact.topic.includes('.carers.');
  }

  async load(): Promise<void> {
    const known = readMoment(this.#moment) ?? endOf(this.#knownOn);
    const now = this.frame.now().getTime();
    [this.#answer] = await Promise.all([carersApi.extractRegister({
      asAtDate: this.#asAt,
      // The end of today has not come yet.
      ...known && Number(known.seconds) * 1000 <= now ? { asKnownAtTime: known } : {},
      everyone: this.#everyone,
      pageSize: PAGE_SIZE,
      pageToken: this.#pageToken,
    }), this.frame.names.ensureDirectory()]);
  }

  view(): TemplateResult {
    const { entries = [], nextPageToken = '', asAtDate = '', asKnownAtTime } = this.#answer ?? {};
    return html`
      ${backLink(paths.carers(), 'Carers')}
      <h1 class="govuk-heading-l">The register as at a day</h1>
      ${filterForm(html`
        ${this.#day.view()}
        ${this.#known.view()}
        ${filterCheckbox({
          name: 'everyone', label: 'Also those who were not approved then', checked: this.#everyone,
        })}`, (chosen) => this.#apply(chosen))}
      <p class="govuk-body" data-testid="as-at">What was true on ${formatDay(asAtDate)}, as the register
        knew it ${moment(asKnownAtTime)} (regulation 31).</p>
      ${entries.length === 0 ? empty('Nobody was in the register.') : table<RegisterEntry>({
        caption: 'The register of foster carers',
        captionHidden: true,
        rows: entries,
        key: ({ carerId }) => carerId,
        testId: 'register',
        columns: [
          {
            heading: 'Carer',
            header: true,
            cell: ({ carerId, particulars }) => html`${link(paths.carer(carerId),
              particulars?.name || carerId)} <span class="app-sub app-id">${carerId}</span>
              ${(particulars?.fosterParents ?? []).map(({ name, birthDate }) => html`<span
                class="app-sub">${name}${birthDate ? `, born ${formatDay(birthDate)}` : nothing}</span>`)}`,
          },
          { heading: 'Address', cell: ({ particulars }) => particulars?.address || 'Not known' },
          { heading: 'Kind', cell: ({ kind }) => carerKindWords(kind) },
          {
            heading: 'Approved',
            cell: ({ approvedDate, temporary, endedDate, endReason }) => html`${approvedDate
              ? formatDay(approvedDate) : 'Not yet'}${temporary ? ', temporarily' : nothing}
              ${endedDate ? html`<span class="app-sub">Ended ${formatDay(endedDate)}:
                ${endReasonWords(endReason).toLowerCase()}</span>` : nothing}`,
          },
          {
            heading: 'Reviews',
            cell: ({ reviews }) => reviews.length === 0 ? 'None' : html`${reviews.map(({ reviewDate }) =>
              html`<span class="app-line">${formatDay(reviewDate)}</span>`)}`,
          },
          {
            heading: 'Terms',
            cell: ({ terms, termsSinceDate }) => html`${termsWords(terms)}${termsSinceDate
              ? html`<span class="app-sub">Since ${formatDay(termsSinceDate)}</span>` : nothing}`,
          },
        ],
      })}
      ${pages({
        first: this.#pageToken ? this.#address({}) : undefined,
        next: nextPageToken && asKnownAtTime ? this.#address({
          at: asAtDate, moment: `${asKnownAtTime.seconds}.${asKnownAtTime.nanos}`, page: nextPageToken,
        }) : undefined,
      })}`;
  }

  #address(further: Record<string, string>): string {
    return paths.registerAsAt({
      at: this.#asAt, known: this.#knownOn, everyone: this.#everyone ? 'yes' : '', ...further,
    });
  }

  #apply(chosen: (name: string) => string): void {
    const read = (field: DayField) => {
      field.error = field.check();
      return readDay(field.parts) ?? '';
    };
    const at = read(this.#day);
    const known = read(this.#known);
    const wrong = [this.#day, this.#known].find(({ error }) => error !== undefined);
    if (wrong) {
      this.frame.update();
      document.getElementById(wrong.targetId)?.focus();
      return;
    }
    this.frame.navigate(paths.registerAsAt({ at, known, everyone: chosen('everyone') }));
  }
}
