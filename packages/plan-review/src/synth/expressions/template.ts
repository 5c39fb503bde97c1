/** Literal text, or an expression without its braces. */
export type Piece = string | { readonly expression: string };

/** Literal text and expressions of a template, in order. */
export function piecesOf(text: string): Piece[] {
  const pieces: Piece[] = [];
  let literal = "";
  for (let index = 0; index < text.length;) {
    if (text.startsWith("$${", index) || text.startsWith("%%{", index)) {
      literal += text.slice(index + 1, index + 3);
      index += 3;
    } else if (text.startsWith("${", index)) {
      const end = endOfExpression(text, index + 2);
      pieces.push(...(literal === "" ? [] : [literal]), { expression: text.slice(index + 2, end) });
      literal = "";
      index = end + 1;
    } else {
      literal += text.charAt(index);
      index += 1;
    }
  }
  return literal === "" && pieces.length > 0 ? pieces : [...pieces, literal];
}

/** Where the brace is that closes an expression; the end of the text where there is none. */
function endOfExpression(text: string, start: number): number {
  let depth = 0;
  for (let index = start; index < text.length; index += 1) {
    const character = text.charAt(index);
    if (character === '"') {
      index = endOfString(text, index);
    } else if (character === "{") {
      depth += 1;
    } else if (character === "}") {
      if (depth === 0) {
        return index;
      }
      depth -= 1;
    }
  }
  return text.length;
}

/** Where the quote is that closes a string; expressions inside may hold strings of their own. */
export function endOfString(text: string, start: number): number {
  for (let index = start + 1; index < text.length; index += 1) {
    if (text.charAt(index) === "\\") {
      index += 1;
    } else if (text.startsWith("${", index)) {
      index = endOfExpression(text, index + 2);
    } else if (text.charAt(index) === '"') {
      return index;
    }
  }
  return text.length;
}
