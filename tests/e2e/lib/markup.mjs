// What an attacker writes where a name or a text is asked for, and answers of the services in which every
// text is such a one: so that each field of each answer has its case, also one that comes later.

import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

// What any of it would do. The page counts it (`watchMarkup`).
const RUN = 'xssRan(1)';
// No such address: whoever asks for it, was made to.
const AWAY = 'https://xss.invalid/xss';

// Text of each kind that has become markup somewhere. What would swallow the rest comes last.
export const PAYLOADS = [
  `<script>${RUN}</script>`,
  `"><script>${RUN}</script>`,
  `'><script>${RUN}</script>`,
  `<ScRiPt src=${AWAY}.js></sCrIpT>`,
  `<scr<script>ipt>${RUN}</scr</script>ipt>`,
  `<img class=xss src=/xss onerror=${RUN}>`,
  `<img class=xss src=x:x onerror="&#120;ssRan(1)">`,
  `" onmouseover="${RUN}" onfocus="${RUN}" autofocus class="xss`,
  `' onmouseover='${RUN}' onfocus='${RUN}' autofocus class='xss`,
  `\` onfocus=${RUN} autofocus class=xss`,
  `x onfocus=${RUN} autofocus class=xss`,
  `<svg class=xss onload=${RUN}>`,
  `<svg class=xss><script>${RUN}</script></svg>`,
  `<svg class=xss><animate onbegin=${RUN} attributeName=x dur=1s></svg>`,
  `<svg class=xss><a href="javascript:${RUN}"><text y=9>x</text></a></svg>`,
  `<svg class=xss><use href="data:image/svg+xml,<svg id=x xmlns='http://www.w3.org/2000/svg'/>#x"/></svg>`,
  `<svg class=xss><foreignObject><iframe srcdoc="<script>parent.${RUN}</script>"></foreignObject></svg>`,
  `<math class=xss><mi xlink:href="javascript:${RUN}">x</mi></math>`,
  `<math class=xss><mtext><table><mglyph><style><img src=x:x onerror=${RUN}></style></mglyph></table></math>`,
  `<iframe class=xss src="javascript:parent.${RUN}"></iframe>`,
  `<iframe class=xss srcdoc="<script>parent.${RUN}</script>"></iframe>`,
  `<object class=xss data="javascript:${RUN}"></object><embed class=xss src="javascript:${RUN}">`,
  `<details class=xss open ontoggle=${RUN}>x</details>`,
  `<video class=xss><source src=/xss onerror=${RUN}></video>`,
  `<body onload=${RUN} class=xss>`,
  `<form class=xss action="javascript:${RUN}"><button>x</button></form>`,
  `<a class=xss href="javascript:${RUN}">x</a>`,
  `<base href="https://xss.invalid/"><link rel=stylesheet href="${AWAY}.css">`,
  `<meta http-equiv=refresh content="0;url=${AWAY}">`,
  `<div class=xss style="background:url(${AWAY}.png);position:fixed;inset:0">x</div>`,
  `";background:url(${AWAY}.png);x:"`,
  `\${${RUN}}{{${RUN}}}{{constructor.constructor('${RUN}')()}}<%= ${RUN} %>#{${RUN}}`,
  `";${RUN};//';${RUN};//\\";${RUN};//`,
  `[x](javascript:${RUN}) ![x](${AWAY}.png)`,
  `&lt;img class=xss src=x:x onerror=${RUN}&gt; &#60;script&#62;${RUN}&#60;/script&#62;`,
  `%3Cscript%3E${RUN}%3C/script%3E \\u003cscript\\u003e${RUN}\\u003c/script\\u003e`,
  `\uff1cscript\uff1e${RUN}\uff1c/script\uff1e \u202e<script>${RUN}</script>\u202c \ufeff\u2028<script>${RUN}</script>`,
  `</title></textarea></style></script></select></option></svg><img class=xss src=/xss onerror=${RUN}>`,
  `]]><script>${RUN}</script><![CDATA[`,
  `--><script>${RUN}</script><!--`,
  `<noscript><p title="</noscript><img class=xss src=x:x onerror=${RUN}>">`,
  `<textarea class=xss><plaintext>`,
];

// What a link must not lead to.
export const ADDRESSES = [
  `javascript:${RUN}`, `JaVaScRiPt:${RUN}`, `\tjava\nscript:${RUN}`, ` javascript:${RUN}`,
  `data:text/html,<script>${RUN}</script>`, `vbscript:${RUN}`, `//xss.invalid/xss`,
  `https://xss.invalid/" onfocus="${RUN}" autofocus class="xss`,
];

export const ALL = PAYLOADS.join(' ');

// --- what a browser says of it ----------------------------------------------------------------------

// From now on each page of this context tells of what ran, of what its policy forbade and of what it
// asked of somebody else.
export async function watchMarkup(context) {
  const seen = [];
  await context.exposeFunction('xssSeen', (what) => { seen.push(what); });
  await context.addInitScript(() => {
    globalThis.xssRan = () => { void globalThis.xssSeen(`ran: ${new Error().stack}`); };
    for (const name of ['alert', 'confirm', 'prompt']) globalThis[name] = globalThis.xssRan;
    document.addEventListener('securitypolicyviolation', (event) => {
      void globalThis.xssSeen(
        `forbidden: ${event.violatedDirective} ${event.blockedURI} ${event.sample}`);
    });
  });
  context.on('request', (request) => {
    if (/xss/.test(request.url())) seen.push(`asked for: ${request.url()}`);
  });
  context.on('dialog', (dialog) => { seen.push(`dialog: ${dialog.message()}`); });
  return seen;
}

// What of the page came out of a text. In the page.
export function grown() {
  const found = [];
  for (const each of document.querySelectorAll('*')) {
    const shown = each.outerHTML.slice(0, 160);
    if (each.classList?.contains('xss') || each.matches('plaintext, base, meta[http-equiv=refresh]')) {
      found.push(`element: ${shown}`);
    }
    for (const { name, value } of each.attributes) {
      if (name.startsWith('on') || name === 'srcdoc' || (name === 'style' && !each.matches('col'))) found.push(`${name}: ${shown}`);
      if (!/^(xlink:)?href$|^src$|^action$|^formaction$|^data$/.test(name)) continue;
      const { protocol, hostname } = new URL(value, 'https://page.invalid/');
      if (!/^(https?|mailto|tel|blob):$/.test(protocol) || hostname.includes('xss')) {
        found.push(`${name}: ${shown}`);
      }
    }
  }
  return found.slice(0, 5);
}

// All that it shows as text, and what its fields hold. In the page.
export function shownTexts() {
  const values = [...document.querySelectorAll('input, textarea, option')].map(({ value }) => value);
  return [document.body.textContent, ...values].join('\n');
}

// --- answers full of it -----------------------------------------------------------------------------

const root = fileURLToPath(new URL('../../../', import.meta.url));

// All messages and methods there are, as the protos have them.
export async function readProtos() {
  const { stdout } = await promisify(execFile)(`${root}web/node_modules/.bin/buf`,
    ['build', `${root}protos`, '-o', '-#format=json'], { maxBuffer: 2 ** 28 });
  const messages = new Map();
  const enums = new Map();
  const methods = new Map();
  const add = (scope, message) => {
    const name = `${scope}.${message.name}`;
    messages.set(name, message);
    for (const nested of message.nestedType ?? []) add(name, nested);
    for (const each of message.enumType ?? []) enums.set(`${name}.${each.name}`, each);
  };
  for (const file of JSON.parse(stdout).file) {
    for (const message of file.messageType ?? []) add(`.${file.package}`, message);
    for (const each of file.enumType ?? []) enums.set(`.${file.package}.${each.name}`, each);
    for (const service of file.service ?? []) {
      for (const method of service.method) {
        methods.set(`/${file.package}.${service.name}/${method.name}`, method);
      }
    }
  }
  return { messages, enums, methods };
}

// Strings that a page reads as something else than a text: whoever wrote them had no choice but of ids,
// codes, days and the like, each refused where it is none (docs/publishing.md, the protos).
const NO_TEXT = /(^|_)(ids?|dates?|code|codes|period|month|months|url|hash|time|email|token|field|version|key|keys|set|sets)$/;

export function isText(field) {
  return field.type === 'TYPE_STRING' && !NO_TEXT.test(field.name);
}

// Of a longer list the first ones are enough.
const MANY = 3;

export class Poison {
  constructor(protos) {
    this.protos = protos;
    // The field of each text that was put into an answer, by the number in the text.
    this.put = [];
    this.made = 0;
  }

  text(name) {
    this.put.push(name);
    const all = [...ADDRESSES, ...PAYLOADS];
    // Each has all of it, and a beginning of its own, of which a link would be made.
    return `${all[this.put.length % all.length]} xssShown${this.put.length - 1}. ${ALL}`;
  }

  // The answer of that type with markup for each text, also those that were not told; and with one of
  // each thing of which it has none.
  fill(type, value = {}, around = []) {
    const message = this.protos.messages.get(type);
    for (const field of message.field ?? []) {
      const key = field.jsonName;
      if (value[key] === undefined && this.leavesOut(message, field, value)) continue;
      const make = (given) => this.value(type, field, given, around);
      if (field.label !== 'LABEL_REPEATED') {
        value[key] = make(value[key]);
      } else if (!this.protos.messages.get(field.typeName)?.options?.mapEntry) {
        value[key] = (value[key] ?? [undefined]).map((each, index) => index < MANY ? make(each) : each);
      }
      if (value[key] === undefined || value[key][0] === undefined && value[key].length === 1) delete value[key];
    }
    return value;
  }

  // Of what excludes each other one is there.
  leavesOut(message, field, value) {
    if (field.proto3Optional || field.oneofIndex === undefined) return false;
    const others = message.field.filter(({ oneofIndex }) => oneofIndex === field.oneofIndex);
    if (others.some(({ jsonName }) => value[jsonName] !== undefined)) return true;
    return others[(this.made + this.put.length) % others.length] !== field && others.at(-1) !== field;
  }

  value(type, field, given, around) {
    const name = `${type}.${field.name}`.slice('.fosterwatch.'.length);
    if (isText(field)) return this.text(name);
    if (field.type === 'TYPE_MESSAGE' && field.typeName.startsWith('.fosterwatch.')) {
      if (around.includes(field.typeName)) return given;
      return this.fill(field.typeName, given, [...around, field.typeName]);
    }
    return given ?? this.plain(field);
  }

  plain({ name, type, typeName }) {
    switch (type) {
      case 'TYPE_STRING':
        if (/(date|effective_from|effective_until)$/.test(name)) return '2026-03-02';
        if (/(period|month)$/.test(name)) return '2026-03';
        if (/url$/.test(name)) return 'https://example.invalid/';
        if (/token$/.test(name)) return undefined;
        this.made += 1;
        return `made-up-${this.made}`;
      case 'TYPE_ENUM': {
        const { value } = this.protos.enums.get(typeName);
        this.made += 1;
        return value[1 + this.made % (value.length - 1)].name;
      }
      case 'TYPE_MESSAGE':
        if (typeName === '.google.protobuf.Timestamp') return new Date(Date.now() - 3_600_000).toISOString();
        if (typeName === '.google.protobuf.Duration') return '3600s';
        return undefined;
      case 'TYPE_BOOL':
        return true;
      case 'TYPE_BYTES':
        return undefined;
      default:
        return 1;
    }
  }
}

// The texts about people that an answer to a browser may hold, each as its field is called.
export function personalTexts(protos) {
  const found = new Set();
  const seen = new Set();
  const visit = (type) => {
    if (seen.has(type) || !type.startsWith('.fosterwatch.')) return;
    seen.add(type);
    for (const field of protos.messages.get(type)?.field ?? []) {
      if (field.type === 'TYPE_MESSAGE') visit(field.typeName);
      if (isText(field) && field.options?.['[fosterwatch.options.v1.field_class]'] === 'FIELD_CLASS_PERSONAL') {
        found.add(`${type}.${field.name}`.slice('.fosterwatch.'.length));
      }
    }
  };
  for (const [name, { outputType, serverStreaming, options }] of protos.methods) {
    if (!name.startsWith('/fosterwatch.') || serverStreaming) continue;
    const { roles = [] } = options?.['[fosterwatch.options.v1.access]'] ?? {};
    if (roles.includes('ROLE_REGISTERED_MANAGER')) visit(outputType);
  }
  return [...found].sort();
}
