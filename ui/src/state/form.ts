/** What a report's form says; one that nobody has saved says nothing. Pure. */
import type { FormText, ReportForm } from '../ipc';

export const text_of = (form: ReportForm | null): FormText =>
  form?.text ?? { indication: '', technique: '', findings: '', conclusion: '', recommendation: '', key_images: [] };
