/** A small PDF of headings and text, as many A4 pages as it takes. It knows Latin letters only; the real report knows all. */
export type Part = { heading: string; text: string };

const per_line = 88;
const lines_a_page = 44;

type Line = { text: string; bold: boolean };

function lines_of(title: string, parts: readonly Part[]): Line[] {
  const lines: Line[] = [
    { text: title, bold: true },
    { text: '', bold: false },
  ];
  for (const part of parts) {
    lines.push({ text: part.heading, bold: true });
    for (const paragraph of part.text.split('\n')) {
      let line = '';
      for (const word of paragraph.split(' ')) {
        if (line !== '' && line.length + word.length + 1 > per_line) {
          lines.push({ text: line, bold: false });
          line = '';
        }
        line = line === '' ? word : `${line} ${word}`;
      }
      lines.push({ text: line, bold: false });
    }
    lines.push({ text: '', bold: false });
  }
  return lines;
}

const latin = (text: string): string =>
  [...text]
    .map((letter) => (letter.charCodeAt(0) < 256 ? letter : '?'))
    .join('')
    .replace(/[\\()]/g, '\\$&');

function drawing(lines: readonly Line[]): string {
  return lines
    .map((line, at) => `BT /${line.bold ? 'F2' : 'F1'} 11 Tf 56 ${780 - at * 17} Td (${latin(line.text)}) Tj ET`)
    .join('\n');
}

export function pdf(title: string, parts: readonly Part[] = []): ArrayBuffer {
  const lines = lines_of(title, parts);
  const pages = Array.from({ length: Math.max(1, Math.ceil(lines.length / lines_a_page)) }, (_, at) =>
    drawing(lines.slice(at * lines_a_page, (at + 1) * lines_a_page)),
  );
  const first_page = 5;
  const objects = [
    '<< /Type /Catalog /Pages 2 0 R >>',
    `<< /Type /Pages /Kids [${pages.map((_, at) => `${first_page + at * 2} 0 R`).join(' ')}] /Count ${pages.length} >>`,
    '<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>',
    '<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica-Bold /Encoding /WinAnsiEncoding >>',
    ...pages.flatMap((page, at) => [
      `<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents ${first_page + at * 2 + 1} 0 R /Resources << /Font << /F1 3 0 R /F2 4 0 R >> >> >>`,
      `<< /Length ${page.length} >>\nstream\n${page}\nendstream`,
    ]),
  ];
  let text = '%PDF-1.4\n';
  const places = objects.map((object, at) => {
    const place = text.length;
    text += `${at + 1} 0 obj\n${object}\nendobj\n`;
    return place;
  });
  const table = text.length;
  text += `xref\n0 ${objects.length + 1}\n0000000000 65535 f \n${places.map((place) => `${String(place).padStart(10, '0')} 00000 n \n`).join('')}`;
  text += `trailer\n<< /Size ${objects.length + 1} /Root 1 0 R >>\nstartxref\n${table}\n%%EOF\n`;
  return Uint8Array.from(text, (letter) => letter.charCodeAt(0)).buffer;
}
