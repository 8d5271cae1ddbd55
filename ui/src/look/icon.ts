import type { Component } from 'svelte';

/** What the interface asks of an icon; those of `@lucide/svelte/icons` fit. */
export type Icon = Component<{ size?: number | string; 'aria-hidden'?: 'true' }>;
