// What neither the compiler nor the formatter sees. The wall first: only the seam knows the shell.
import svelte from 'eslint-plugin-svelte';
import ts from 'typescript-eslint';

const the_shell = {
  group: ['@tauri-apps/*', '@tauri-apps'],
  message: 'Only ipc/generated/tauri_host.ts knows Tauri; all else asks the host (ipc/generated/host.ts).',
};

export default ts.config(
  { ignores: ['dist/**', 'node_modules/**', 'src/ipc/generated/**'] },
  ...ts.configs.recommended,
  ...svelte.configs.recommended,
  { files: ['**/*.svelte', '**/*.svelte.ts'], languageOptions: { parserOptions: { parser: ts.parser } } },
  {
    rules: {
      // svelte-check speaks of accessibility, eslint does not: to eslint those comments look unused.
      'svelte/no-unused-svelte-ignore': 'off',
      // A Map or a Date that is replaced as a whole, or never shown, need not be watched.
      'svelte/prefer-svelte-reactivity': 'off',
      // A literal keeps the blanks at its ends; bare text loses them.
      'svelte/no-useless-mustaches': 'off',
      '@typescript-eslint/no-unused-vars': ['error', { varsIgnorePattern: '^_', argsIgnorePattern: '^_' }],
      'no-restricted-imports': ['error', { patterns: [the_shell] }],
      'no-restricted-syntax': [
        'error',
        { selector: 'ImportExpression[source.value=/^@tauri-apps/]', message: the_shell.message },
      ],
      'no-restricted-globals': ['error', { name: '__TAURI__', message: the_shell.message }],
    },
  },
  {
    files: ['src/ipc/generated/tauri_host.ts'],
    rules: { 'no-restricted-imports': 'off', 'no-restricted-syntax': 'off' },
  },
);
