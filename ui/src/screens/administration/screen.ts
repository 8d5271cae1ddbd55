import ShieldCheck from '@lucide/svelte/icons/shield-check';
import type { Screen } from '../registry';

export default {
  id: 'administration',
  title: 'screen.administration',
  icon: ShieldCheck,
  order: 60,
  place: 'rail',
  needs_study: false,
  load: () => import('./Administration.svelte'),
} satisfies Screen;
