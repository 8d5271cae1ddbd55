// Finds what a person sees and hears in the page: elements by role and name, and the words that show.
// Evaluated once for each call of a test; answers an object of functions.
(() => {
  const tidy = (text) => (text ?? '').replace(/[\u2066-\u2069]/g, '').replace(/\s+/g, ' ').trim();

  const by_tag = {
    A: (e) => (e.hasAttribute('href') ? 'link' : 'generic'),
    BUTTON: () => 'button',
    DIALOG: () => 'dialog',
    FIELDSET: () => 'group',
    FIGURE: () => 'figure',
    IMG: () => 'img',
    LI: () => 'listitem',
    MAIN: () => 'main',
    NAV: () => 'navigation',
    OPTION: () => 'option',
    PROGRESS: () => 'progressbar',
    SELECT: () => 'combobox',
    SUMMARY: () => 'button',
    TABLE: () => 'table',
    TEXTAREA: () => 'textbox',
    TR: () => 'row',
    TD: () => 'cell',
    TH: () => 'columnheader',
    INPUT: (e) => ({ checkbox: 'checkbox', radio: 'radio', range: 'slider', button: 'button', submit: 'button', search: 'searchbox', number: 'spinbutton' })[e.type] ?? 'textbox',
  };
  const role = (e) => e.getAttribute('role') ?? (/^H[1-6]$/.test(e.tagName) ? 'heading' : (by_tag[e.tagName]?.(e) ?? 'generic'));

  const name = (e) => {
    const ids = (e.getAttribute('aria-labelledby') ?? '').split(' ').filter((id) => id !== '');
    const from = ids.map((id) => tidy(document.getElementById(id)?.textContent)).join(' ');
    const labels = [...(e.labels ?? [])].map((label) => tidy(label.textContent)).join(' ');
    const own = e.matches('input, textarea, select') ? '' : tidy(e.textContent);
    return [from, tidy(e.getAttribute('aria-label')), labels, tidy(e.getAttribute('alt')), own, tidy(e.title)].find((text) => text !== '') ?? '';
  };

  const shows = (e) => e.checkVisibility({ visibilityProperty: true }) && e.getClientRects().length > 0;
  const usable = (e) => !e.disabled && e.getAttribute('aria-disabled') !== 'true';
  // What lies behind a modal dialog cannot be reached.
  const reach = () => [...document.querySelectorAll('dialog[open]')].at(-1) ?? document;
  const candidates = 'a, button, dialog, fieldset, figure, h1, h2, h3, h4, h5, h6, img, input, li, main, nav, option, progress, select, summary, table, td, textarea, th, tr, [role]';

  const all = (wanted_role, wanted_name) => {
    const fits = [...reach().querySelectorAll(candidates)].filter((e) => role(e) === wanted_role && shows(e));
    if (wanted_name === null) return fits;
    const named = fits.map((e) => [e, name(e)]);
    const exact = named.filter(([, its]) => its === wanted_name);
    const begins = named.filter(([, its]) => its.startsWith(wanted_name));
    return (exact.length > 0 ? exact : begins).map(([e]) => e);
  };

  return {
    all,
    name,
    first: (wanted_role, wanted_name) => all(wanted_role, wanted_name).find(usable) ?? null,
    text: () => tidy(document.body.innerText),
    says: (words) => tidy(document.body.innerText).toLowerCase().includes(tidy(words).toLowerCase()),
    names: (wanted_role) => all(wanted_role, null).map(name),
  };
})()
