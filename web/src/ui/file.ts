// Hands a text, or bytes, to the browser as a file to keep.

const REVOKE_AFTER_MS = 60_000;

export function saveFile(
  name: string, type: string, content: string | Uint8Array<ArrayBuffer>,
): void {
  // What is called a text gets ".txt" from some browsers where its name has no ending.
  const plain = name.includes('.') ? type : 'application/octet-stream';
  const whole = typeof content === 'string' ? `${plain};charset=utf-8` : plain;
  const url = URL.createObjectURL(new Blob([content], { type: whole }));
  const anchor = document.createElement('a');
  anchor.href = url;
  anchor.download = name.replaceAll(/[^\w.-]+/g, '-');
  document.body.append(anchor);
  anchor.click();
  anchor.remove();
  // The browser fetches it when it comes to it, which is not during the click.
  setTimeout(() => URL.revokeObjectURL(url), REVOKE_AFTER_MS);
}
