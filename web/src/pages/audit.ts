// One audit: what was graded and how, what is left, and the actions that its findings became.

import { html, nothing, type TemplateResult } from 'lit-html';
import { audits as auditsApi } from '../api';
import {
  Audit_State, type Audit, type AuditedRecord, type AuditFinding, type AuditForm,
} from '../generated/fosterwatch/allegations/v1/audit_pb';
import type { WatchResponse } from '../generated/fosterwatch/gateway/v1/gateway_service_pb';
import { Action_State } from '../generated/fosterwatch/type/v1/action_pb';
import type { Frame, Page } from '../page';
import { paths } from '../router';
import { actionTag } from '../ui/actions';
import {
  auditTag, gradePath, gradesSummary, gradeWords, isGraded, questionText, recordLink,
  recordWords, scopeHint, scopeWords,
} from '../ui/audits';
import { dutyTag } from '../ui/duties';
import {
  backLink, buttonLink, details, due, empty, link, moment, pages, plural, prose, recent, summaryList,
  table, wasDue,
} from '../ui/html';
import { explanationView } from '../ui/records';
import { mayCloseCase, mayOversee, mayWorkCase } from './rights';

// A whole register is read in one answer, and shown in parts.
const PAGE_SIZE = 50;

interface FoundRow {
  record: AuditedRecord;
  finding: AuditFinding;
}

export class AuditPage implements Page {
  readonly section = 'allegations';
  #audit: Audit | undefined;
  #form: AuditForm | undefined;
  // The first record that is shown.
  readonly #from: number;

  constructor(
    private readonly frame: Frame, private readonly auditId: string, query: URLSearchParams,
  ) {
    this.#from = Math.max(0, Number.parseInt(query.get('from') ?? '0', 10) || 0);
  }

  title(): string {
    return `Audit ${this.auditId}`;
  }

  concerns(fact: WatchResponse | undefined): boolean {
    return !fact || fact.aggregateId === this.auditId || fact.topic.includes('.directory.');
  }

  async load(): Promise<void> {
    if (!mayOversee(this.frame.session)) return;
    const [audit] = await Promise.all([
      auditsApi.getAudit({ auditId: this.auditId }), this.frame.names.ensureDirectory(),
    ]);
    if (this.#form?.version !== audit.formVersion) {
      this.#form = await auditsApi.getAuditForm({ version: audit.formVersion });
    }
    this.#audit = audit;
  }

  view(): TemplateResult {
    const audit = this.#audit;
    if (!audit) {
      return html`
        ${backLink(paths.audits(), 'Audits')}
        <h1 class="govuk-heading-l">Audit</h1>
        <p class="govuk-body">The managers look after these.</p>`;
    }
    const { names } = this.frame;
    return html`
      ${backLink(paths.audits(), 'Audits')}
      <span class="govuk-caption-l">Allegations and notifiable events</span>
      <h1 class="govuk-heading-l govuk-!-margin-bottom-2">Audit: ${scopeWords(audit.scope).toLowerCase()}</h1>
      <p class="govuk-body">${auditTag(audit.state)} ${audit.gradedCount} of
        ${plural(audit.records.length, 'record')} graded, ${plural(audit.openActionCount, 'open action')}.
        <span class="app-sub app-id">Audit ${audit.auditId}</span></p>
      ${this.#buttons(audit)}
      ${summaryList([
        { key: 'Scope', value: scopeHint(audit.scope) },
        audit.sinceTime !== undefined && { key: 'Since', value: moment(audit.sinceTime) },
        {
          key: 'Started',
          value: html`${moment(audit.startedTime)}, ${names.person(audit.startedBy)}`,
        },
        { key: 'Form', value: `Version ${audit.formVersion}` },
        audit.completedBy !== '' && {
          key: 'Completed',
          value: html`${prose(audit.summary)}<span class="app-sub">${names.person(audit.completedBy)},
            ${moment(audit.completedTime)}</span>`,
        },
      ])}
      ${this.#actionsView(audit)}
      ${this.#answersView(audit)}
      ${this.#recordsView(audit)}`;
  }

  #buttons({ auditId, state, records }: Audit): TemplateResult | typeof nothing {
    const { session } = this.frame;
    if (state !== Audit_State.RUNNING) return nothing;
    const next = records.find((record) => !isGraded(record));
    return html`
      <div class="app-buttons">
        ${mayWorkCase(session) && next
          ? buttonLink(gradePath(auditId, next), 'Grade the next record') : nothing}
        ${mayCloseCase(session)
          ? buttonLink(paths.completeAudit(auditId), 'Complete the audit', next !== undefined) : nothing}
      </div>`;
  }

  #actionsView({ auditId, records }: Audit): TemplateResult {
    const { names, session } = this.frame;
    const now = this.frame.now();
    const found: FoundRow[] = records.flatMap((record) =>
      record.findings.map((finding) => ({ record, finding })));
    const isOpen = ({ finding }: FoundRow) => finding.action?.state === Action_State.OPEN;
    // What is open comes first.
    found.sort((a, b) => Number(isOpen(b)) - Number(isOpen(a)));
    return html`
      <section class="app-section" aria-labelledby="findings">
        <h2 class="govuk-heading-m" id="findings">Actions from findings</h2>
        ${found.length === 0 ? empty('Nothing was found that needs an action.') : table<FoundRow>({
          caption: 'Actions from findings, those that are open first',
          captionHidden: true,
          rows: found,
          key: ({ finding }) => finding.action!.actionId,
          testId: 'findings',
          columns: [
            {
              heading: 'What',
              header: true,
              cell: ({ record, finding }) => html`${prose(finding.action!.description)}
                <span class="app-sub">${finding.questionId
                  ? questionText(this.#form, finding.questionId) : nothing}</span>
                <span class="app-sub">${recordLink(record)}</span>`,
            },
            { heading: 'Who', cell: ({ finding }) => names.person(finding.action!.ownerId) },
            {
              heading: 'Due',
              cell: (row) => isOpen(row) ? due(row.finding.action!.dueTime, now)
                : wasDue(row.finding.action!.dueTime),
            },
            {
              heading: 'State',
              cell: (row) => html`${isOpen(row)
                ? dutyTag({
                  key: '', what: '', dueTime: row.finding.action!.dueTime, explanation: undefined,
                }, now) : actionTag(row.finding.action!)}${row.finding.action!.evidence
                ? html`<span class="app-sub">${prose(row.finding.action!.evidence)}</span>` : nothing}`,
            },
            ...!mayWorkCase(session) || !found.some(isOpen) ? [] : [{
              heading: 'Actions',
              cell: (row: FoundRow) => isOpen(row)
                ? link(paths.closeFinding(auditId, row.finding.action!.actionId), 'Close',
                  `“${row.finding.action!.description}”`) : nothing,
            }],
          ],
        })}
        ${found.filter(isOpen).map(({ finding }) =>
          details('Why then', explanationView(finding.explanation), `“${finding.action!.description}”`))}
      </section>`;
  }

  #answersView({ records }: Audit): TemplateResult | typeof nothing {
    const form = this.#form;
    if (!form || !records.some(isGraded)) return nothing;
    return html`
      <section class="app-section" aria-labelledby="answers">
        <h2 class="govuk-heading-m" id="answers">What was found</h2>
        ${summaryList(form.questions.map(({ questionId, text }) => ({
          key: text, value: gradesSummary(form, records, questionId),
        })))}
      </section>`;
  }

  #recordsView({ auditId, records, state }: Audit): TemplateResult {
    const { names, session } = this.frame;
    const now = this.frame.now();
    const shown = records.slice(this.#from, this.#from + PAGE_SIZE);
    const grades = state === Audit_State.RUNNING && mayWorkCase(session);
    return html`
      <section class="app-section" aria-labelledby="records">
        <h2 class="govuk-heading-m" id="records">Records</h2>
        ${records.length <= PAGE_SIZE ? nothing : html`<p class="govuk-body">Records ${this.#from + 1} to
          ${this.#from + shown.length} of ${records.length}.</p>`}
        ${table<AuditedRecord>({
          caption: 'Records of the audit',
          captionHidden: true,
          rows: shown,
          key: ({ recordId }) => recordId,
          testId: 'records',
          columns: [
            {
              heading: 'Record',
              header: true,
              cell: (record) => html`${recordLink(record)}
                <span class="app-sub app-id">${record.recordId}</span>`,
            },
            {
              heading: 'Grades',
              cell: (record) => !isGraded(record) ? 'Not graded yet' : html`
                ${gradesSummary(this.#form, [record])}
                ${record.answers.filter(({ comment }) => comment !== '').map((answer) => html`
                  <span class="app-sub">${questionText(this.#form, answer.questionId)}
                    ${gradeWords(this.#form, answer.grade)}: ${prose(answer.comment)}</span>`)}`,
            },
            {
              heading: 'Graded',
              cell: ({ gradedBy, gradedTime }) => gradedBy === '' ? 'Not yet' : html`
                ${recent(gradedTime, now)}<span class="app-sub">${names.person(gradedBy)}</span>`,
            },
            ...!grades ? [] : [{
              heading: 'Actions',
              cell: (record: AuditedRecord) => isGraded(record) ? nothing
                : link(gradePath(auditId, record), 'Grade it',
                  `${recordWords(record.kind)} ${record.recordId}`),
            }],
          ],
        })}
        ${pages({
          first: this.#from > 0 ? paths.audit(auditId) : undefined,
          next: this.#from + PAGE_SIZE < records.length
            ? paths.audit(auditId, { from: String(this.#from + PAGE_SIZE) }) : undefined,
        })}
      </section>`;
  }
}

