import FileText from '@lucide/svelte/icons/file-text';
import type { Screen } from '../registry';

export default {
  id: 'report',
  title: 'screen.report',
  icon: FileText,
  order: 30,
  place: 'rail',
  needs_study: true,
  load: () => import('./Report.svelte'),
} satisfies Screen;
