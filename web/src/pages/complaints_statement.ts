// The complaints of 12 months in figures: nobody in them can be told from it.

import { html, nothing, type TemplateResult } from 'lit-html';
import { complaints as complaintsApi, complaintsOversight, packs } from '../api';
import { stepWords } from '../complaint_words';
import { DayField, dayParts, readDay } from '../forms/day_field';
import type {
  ListProceduresResponse,
} from '../generated/fosterwatch/complaints/v1/complaints_service_pb';
import type {
  ListThemesResponse, ListThemesResponse_Count, Statement, Statement_Row, Statement_Timeliness,
} from '../generated/fosterwatch/complaints/v1/oversight_service_pb';
import type { WatchResponse } from '../generated/fosterwatch/gateway/v1/gateway_service_pb';
import type { Frame, Page } from '../page';
import { paths } from '../router';
import { formatDay, toWallTime } from '../time';
import { categoryWords, procedureWords, stageWords } from '../ui/complaints';
import { saveFile } from '../ui/file';
import { filterForm } from '../ui/filter';
import { backLink, empty, moment, plural, summaryList, table, type Content } from '../ui/html';
import { keepPdf } from '../ui/packs';
import { codeWords } from '../words';
import { mayOversee } from './rights';

const pad = (value: number) => String(value).padStart(2, '0');

export class ComplaintsStatementPage implements Page {
  readonly section = 'complaints';
  #statement: Statement | undefined;
  #themes: ListThemesResponse | undefined;
  // How far the PDF is.
  #said = '';
  #procedures: ListProceduresResponse | undefined;
  // ISO 8601, as it is in the address; empty for today.
  readonly #untilDate: string;
  readonly #until: DayField;

  constructor(private readonly frame: Frame, query: URLSearchParams) {
    this.#untilDate = query.get('until') ?? '';
    this.#until = new DayField({
      name: 'until', label: 'The 12 months that end on', subject: 'The last day',
      required: 'Enter the last day',
    }, dayParts(this.#untilDate));
  }

  title(): string {
    return 'Statement of complaints';
  }

  hasErrors(): boolean {
    return this.#until.error !== undefined;
  }

  concerns(fact: WatchResponse | undefined): boolean {
    return !fact || fact.topic.includes('.complaints.');
  }

  async load(): Promise<void> {
    if (!mayOversee(this.frame.session)) return;
    const untilDate = this.#untilDate;
    const [statement, themes, procedures] = await Promise.all([
      complaintsOversight.getStatement({ untilDate }),
      complaintsOversight.listThemes({ untilDate }),
      complaintsApi.listProcedures({}),
      this.frame.names.ensureDirectory(),
    ]);
    if (!this.#statement) {
      this.#until.parts = { ...this.#until.parts, ...dayParts(statement.untilDate) };
    }
    await this.frame.names.ensureCarers(themes.byCarer.map(({ key }) => key));
    this.#statement = statement;
    this.#themes = themes;
    this.#procedures = procedures;
  }

  view(): TemplateResult {
    const statement = this.#statement;
    return html`
      ${backLink(paths.complaints(), 'Complaints')}
      <h1 class="govuk-heading-l">Statement of complaints</h1>
      ${!mayOversee(this.frame.session) || !statement
        ? html`<p class="govuk-body">The managers and the responsible individual read it.</p>` : html`
          ${this.#untilView()}
          <p class="govuk-body">From ${formatDay(statement.fromDate)} to ${
            formatDay(statement.untilDate)}, as it was known ${moment(statement.asAtTime)}
            (regulation 18(6)). It names nobody.</p>
          <p class="govuk-body"><button type="button" class="govuk-button govuk-button--secondary"
            @click=${() => this.#save(statement)}>Keep it as CSV</button>
            <button type="button" class="govuk-button govuk-button--secondary"
              @click=${() => void this.#savePdf(statement)}>Keep it as PDF</button></p>
          <p class="govuk-body" role="status">${this.#said}</p>
          ${this.#countsView(statement)}
          ${rowsTable('By category', 'Category', statement.byCategory,
            (key) => categoryWords(key, this.#procedures))}
          ${rowsTable('By who gave it', 'Given by', statement.byGiver, keyWords)}
          ${rowsTable('By what it is about', 'About', statement.bySubject, keyWords)}
          ${rowsTable('Outcomes of points', 'Outcome', statement.pointOutcomes, keyWords)}
          ${this.#timelinessView(statement.timeliness)}
          <h2 class="govuk-heading-m">What was learnt</h2>
          ${statement.learning.length === 0 ? empty('Nothing has been written for publishing.') : html`
            <ul class="govuk-list govuk-list--bullet">${statement.learning.map((text) =>
              html`<li>${text}</li>`)}</ul>`}
          ${this.#themesView()}`}`;
  }

  #untilView(): TemplateResult {
    return filterForm(this.#until.view(), () => {
      const until = readDay(this.#until.parts) ?? '';
      const { year, month, day } = toWallTime(this.frame.now());
      this.#until.error = this.#until.check()
        ?? (until > `${year}-${pad(month)}-${pad(day)}` ? 'The last day must be today or before'
          : undefined);
      if (this.#until.error === undefined) {
        this.frame.navigate(paths.complaintsStatement({ until }));
        return;
      }
      this.frame.update();
      document.getElementById(this.#until.targetId)?.focus();
    });
  }

  #countsView(statement: Statement): TemplateResult {
    return summaryList([
      { key: 'Complaints', value: statement.complaints },
      { key: 'Representations', value: statement.representations },
      { key: 'Compliments', value: statement.compliments },
      {
        key: 'How they stand',
        value: `${statement.open} open, ${statement.closed} closed, ${statement.withdrawn} withdrawn, ${
          statement.reclassified} went on as an allegation`,
      },
      {
        key: 'Serious',
        value: `${statement.serious}; ${plural(statement.eventsReported, 'notifiable event')} reported`,
      },
      {
        key: 'Time to closing',
        value: statement.closed === 0 ? 'No data'
          : `${plural(statement.medianDaysToClose, 'working day')} (median)`,
      },
      {
        key: 'Reviews of what was learnt',
        value: `${statement.reviewsOpened} opened, ${statement.reviewsClosed} closed`,
      },
    ]);
  }

  #timelinessView(rows: readonly Statement_Timeliness[]): Content {
    if (rows.length === 0) return nothing;
    return table<Statement_Timeliness>({
      caption: 'In time',
      rows,
      key: ({ key }) => key,
      testId: 'timeliness',
      columns: [
        { heading: 'What', header: true, cell: ({ key }) => this.#timelinessWords(key) },
        { heading: 'In time', numeric: true, cell: ({ inFirstLimit }) => inFirstLimit },
        { heading: 'In the extended time', numeric: true, cell: ({ inExtendedLimit }) => inExtendedLimit },
        { heading: 'Late', numeric: true, cell: ({ late }) => late },
        { heading: 'Open', numeric: true, cell: ({ open }) => open },
        { heading: 'Overdue', numeric: true, cell: ({ overdue }) => overdue },
      ],
    });
  }

  #timelinessWords(key: string): string {
    const [procedure = '', stage = '', step = ''] = key.split(' ');
    if (!stage) return codeWords(procedure);
    const words = `${procedureWords(procedure, this.#procedures)}: ${
      stageWords(procedure, stage, this.#procedures)}`;
    return step ? `${words}, ${stepWords(step).toLowerCase()}` : words;
  }

  #themesView(): Content {
    const themes = this.#themes;
    if (!themes) return nothing;
    const { names } = this.frame;
    return html`
      <h2 class="govuk-heading-m">Themes</h2>
      <p class="govuk-body">For the managers only: by carer it is not for publishing.</p>
      ${themesTable('By category', themes.byCategory, (key) => categoryWords(key, this.#procedures))}
      ${themesTable('By carer', themes.byCarer, (key) => names.carer(key))}
      ${themesTable('By kind of placement', themes.byPlacementType, keyWords)}`;
  }

  // Of what is shown: the same days, as at the same moment.
  async #savePdf({ untilDate, asAtTime }: Statement): Promise<void> {
    await keepPdf(() => packs.makeComplaintsStatement({ untilDate, asAtTime }), (text) => {
      this.#said = text;
      this.frame.update();
    });
  }

  #save(statement: Statement): void {
    saveFile(`complaints-${statement.fromDate}-${statement.untilDate}.csv`, 'text/csv',
      statementCsv(statement));
  }
}

const keyWords = (key: string) =>
  codeWords(key.replace(/^(GIVER_KIND|SUBJECT_KIND|POINT_OUTCOME)_/, '')) || 'Not known';

const rowsTable = (
  caption: string, heading: string, rows: readonly Statement_Row[], words: (key: string) => string,
): Content => rows.length === 0 ? nothing : table<Statement_Row>({
  caption,
  rows,
  key: ({ key }) => key,
  columns: [
    { heading, header: true, cell: ({ key }) => words(key) },
    { heading: 'Count', numeric: true, cell: ({ count }) => count },
  ],
});

const themesTable = (
  caption: string, rows: readonly ListThemesResponse_Count[], words: (key: string) => string,
): Content => rows.length === 0 ? nothing : table<ListThemesResponse_Count>({
  caption,
  rows,
  key: ({ key }) => key,
  columns: [
    { heading: 'Theme', header: true, cell: ({ key }) => words(key) },
    { heading: 'Complaints', numeric: true, cell: ({ complaints }) => complaints },
    { heading: 'Representations', numeric: true, cell: ({ representations }) => representations },
    { heading: 'Compliments', numeric: true, cell: ({ compliments }) => compliments },
    {
      heading: 'Points upheld',
      numeric: true,
      cell: ({ pointsUpheld, pointsDecided }) => pointsDecided === 0 ? 'No data'
        : `${pointsUpheld} of ${pointsDecided}`,
    },
  ],
});

const quoted = (value: string | number) => `"${String(value).replaceAll('"', '""')}"`;

// One figure a row: section, what, figure. What people wrote cannot begin a formula.
export function statementCsv(statement: Statement): string {
  const rows: [string, string, string | number][] = [
    ['period', 'from', statement.fromDate],
    ['period', 'until', statement.untilDate],
    ['count', 'complaints', statement.complaints],
    ['count', 'representations', statement.representations],
    ['count', 'compliments', statement.compliments],
    ['state', 'open', statement.open],
    ['state', 'closed', statement.closed],
    ['state', 'withdrawn', statement.withdrawn],
    ['state', 'reclassified', statement.reclassified],
    ['serious', 'judged serious', statement.serious],
    ['serious', 'events reported', statement.eventsReported],
    ['learning', 'reviews opened', statement.reviewsOpened],
    ['learning', 'reviews closed', statement.reviewsClosed],
    ['time', 'median working days to closing', statement.closed === 0 ? '' : statement.medianDaysToClose],
    ...statement.byCategory.map(({ key, count }) => ['category', key, count] as [string, string, number]),
    ...statement.byGiver.map(({ key, count }) => ['given by', key, count] as [string, string, number]),
    ...statement.bySubject.map(({ key, count }) => ['about', key, count] as [string, string, number]),
    ...statement.pointOutcomes.map(({ key, count }) =>
      ['point outcome', key, count] as [string, string, number]),
    ...statement.timeliness.flatMap(({ key, ...figures }) => ([
      ['in time', figures.inFirstLimit], ['in the extended time', figures.inExtendedLimit],
      ['late', figures.late], ['open', figures.open], ['overdue', figures.overdue],
    ] as const).map(([what, count]) => [`${key}`, what, count] as [string, string, number])),
    ...statement.learning.map((text) =>
      ['learning', 'published', /^[=+\-@\t\r]/.test(text) ? `'${text}` : text] as [string, string, string]),
  ];
  return [['section', 'what', 'figure'], ...rows].map((row) => row.map(quoted).join(',')).join('\r\n')
    + '\r\n';
}
