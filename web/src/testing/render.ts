import type { Component, ComponentProps } from 'svelte';
import { render } from 'svelte/server';

/** A component's markup without Svelte's own comments. */
export function markupOf<C extends Component<any>>(component: C, props: ComponentProps<C>): string {
  // The overloads of render() do not follow a generic component.
  const { body } = render(component as Component<any>, { props });
  return body.replace(/<!--.*?-->/gs, '');
}

/** What a reader sees of it, each run of white space as one blank. */
export function textOf(markup: string): string {
  return markup
    .replace(/<[^>]*>/g, ' ')
    .replace(/&lt;/g, '<')
    .replace(/\s+/g, ' ')
    .trim();
}
