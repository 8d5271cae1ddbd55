/**
 * Draws the program's own PDF bytes with pdf.js. The legacy build, because a machine's WebKitGTK may be older than what the other one asks for;
 * no WebAssembly and no code from strings, because the window's content policy allows neither.
 */
import { getDocument, GlobalWorkerOptions, type PDFDocumentProxy } from 'pdfjs-dist/legacy/build/pdf.mjs';
import worker_url from 'pdfjs-dist/legacy/build/pdf.worker.min.mjs?url';

GlobalWorkerOptions.workerSrc = worker_url;

export type PageSize = { number: number; width: number; height: number };

export class Pages {
  private constructor(
    private readonly document: PDFDocumentProxy,
    readonly sizes: readonly PageSize[],
  ) {}

  static async open(bytes: ArrayBuffer): Promise<Pages> {
    const document = await getDocument({
      data: new Uint8Array(bytes),
      useWasm: false,
      isEvalSupported: false,
      useSystemFonts: true,
      enableXfa: false,
    }).promise;
    const sizes: PageSize[] = [];
    for (let number = 1; number <= document.numPages; number += 1) {
      const { width, height } = (await document.getPage(number)).getViewport({ scale: 1 });
      sizes.push({ number, width, height });
    }
    return new Pages(document, sizes);
  }

  /** Draws a page as wide as asked, in pixels of the screen; `signal` stops it. */
  async draw(number: number, canvas: HTMLCanvasElement, width: number, signal: AbortSignal): Promise<void> {
    const page = await this.document.getPage(number);
    if (signal.aborted) return;
    const viewport = page.getViewport({ scale: width / page.getViewport({ scale: 1 }).width });
    const drawn = document.createElement('canvas');
    drawn.width = Math.floor(viewport.width);
    drawn.height = Math.floor(viewport.height);
    const task = page.render({ canvas: drawn, viewport });
    const stop = (): void => task.cancel();
    signal.addEventListener('abort', stop);
    try {
      await task.promise;
    } catch (thrown) {
      if (signal.aborted) return;
      throw thrown;
    } finally {
      signal.removeEventListener('abort', stop);
    }
    if (signal.aborted) return;
    // Put in at once when whole, so that a page never shows half drawn.
    canvas.width = drawn.width;
    canvas.height = drawn.height;
    canvas.getContext('2d')?.drawImage(drawn, 0, 0);
  }

  /** The words of a page, for whoever cannot see it. */
  async words(number: number): Promise<string> {
    const content = await (await this.document.getPage(number)).getTextContent();
    return content.items.map((item) => ('str' in item ? item.str + (item.hasEOL ? '\n' : '') : '')).join('');
  }

  close(): Promise<void> {
    return this.document.destroy();
  }
}
