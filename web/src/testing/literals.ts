import { parse } from 'svelte/compiler';
import ts from 'typescript';

interface Node {
  type: string;
  [member: string]: unknown;
}

/** What readers see of an attribute's value, or hear, or get from the stylesheet. */
const READ = ['alt', 'aria-label', 'data-label', 'label', 'placeholder', 'title'];

/** The words that a component says by itself, in its markup or in a sentence of its script. */
export function wordsInComponent(source: string): string[] {
  const { fragment, instance } = parse(source, { modern: true });
  const script = instance?.content as unknown as { start: number; end: number } | undefined;
  return [
    ...wordsIn(fragment as unknown as Node),
    ...(script ? sentencesIn(source.slice(script.start, script.end)) : []),
  ];
}

/** Of a script only what has several words: whether a single one is read cannot be told from it. */
export function sentencesIn(script: string): string[] {
  const found: string[] = [];
  const file = ts.createSourceFile('script.ts', script, ts.ScriptTarget.Latest);
  visit(file);
  return found.filter((text) => /\p{L}{2} \p{L}{2}/u.test(text));

  function visit(node: ts.Node) {
    // For who maintains the page, not for who reads it.
    if (ts.isNewExpression(node) && node.expression.getText(file) === 'Error') return;
    if (ts.isStringLiteralLike(node) || ts.isTemplateHead(node)) found.push(node.text);
    if (ts.isTemplateMiddle(node) || ts.isTemplateTail(node)) found.push(node.text);
    ts.forEachChild(node, visit);
  }
}

function wordsIn(node: Node): string[] {
  switch (node.type) {
    case 'Text':
      return wordsOf(node.data);
    case 'ExpressionTag':
      return wordsSaidBy(node.expression as Node);
    case 'Attribute':
      return READ.includes(node.name as string) ? childrenOf(node).flatMap(wordsIn) : [];
    default:
      return childrenOf(node).flatMap(wordsIn);
  }
}

/** What an expression may come to, as far as it stands there in letters. */
function wordsSaidBy(expression: Node): string[] {
  const said = (...members: string[]) =>
    members.flatMap((member) => wordsSaidBy(expression[member] as Node));
  switch (expression.type) {
    case 'Literal':
      return wordsOf(expression.value);
    case 'TemplateLiteral':
      return [
        ...(expression.quasis as { value: { cooked: string } }[]).flatMap(({ value }) =>
          wordsOf(value.cooked),
        ),
        ...(expression.expressions as Node[]).flatMap(wordsSaidBy),
      ];
    case 'ConditionalExpression':
      return said('consequent', 'alternate');
    case 'LogicalExpression':
    case 'BinaryExpression':
      return said('left', 'right');
    default:
      return [];
  }
}

/** A member may be a node or a list of nodes. */
function childrenOf(node: Node): Node[] {
  return Object.values(node)
    .flat()
    .filter((child): child is Node => typeof (child as Node | null)?.type === 'string');
}

function wordsOf(value: unknown): string[] {
  return typeof value === 'string' && /\p{L}/u.test(value) ? [value.trim()] : [];
}
