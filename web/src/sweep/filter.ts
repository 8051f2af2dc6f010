// SPDX-License-Identifier: Apache-2.0
// The filter of a table of points: `latency_ms.mean < 3 and board = zcu102 or "does not fit"`. A term is a comparison
// of a column with a number or a text, or a word that any cell of a row contains; `and` may be left out.

export interface FilterColumn {
  name: string;
  numbers: ArrayLike<number | null> | null;
  texts: ArrayLike<string> | null;
}

export type RowTest = (row: number) => boolean;

interface Token {
  kind: "word" | "quoted" | "operator" | "and" | "or" | "not" | "(" | ")";
  text: string;
}

const operators = ["<=", ">=", "!=", "==", "<", ">", "=", "~"];

/** \throws Error with what is wrong, for the reader */
export function compileFilter(
  text: string,
  columns: FilterColumn[],
  contains: (row: number, word: string) => boolean,
): RowTest | null {
  const tokens = tokenize(text);
  if (tokens.length === 0) return null;
  const named = new Map(columns.map((column) => [column.name.toLowerCase(), column]));
  let place = 0;
  const peek = () => tokens[place];

  const either = (): RowTest => {
    let left = all();
    while (peek()?.kind === "or") {
      ++place;
      const before = left;
      const right = all();
      left = (row) => before(row) || right(row);
    }
    return left;
  };
  const all = (): RowTest => {
    let left = one();
    for (;;) {
      const next = peek();
      if (next === undefined || next.kind === "or" || next.kind === ")") return left;
      if (next.kind === "and") ++place;
      const before = left;
      const right = one();
      left = (row) => before(row) && right(row);
    }
  };
  const one = (): RowTest => {
    const token = tokens[place++];
    if (token === undefined) throw new Error("something is missing at the end");
    if (token.kind === "not") {
      const inner = one();
      return (row) => !inner(row);
    }
    if (token.kind === "(") {
      const inner = either();
      if (tokens[place++]?.kind !== ")") throw new Error("a ) is missing");
      return inner;
    }
    if (token.kind !== "word" && token.kind !== "quoted")
      throw new Error(`a name is missing before ${token.text}`);
    const next = peek();
    if (next?.kind !== "operator") {
      const word = token.text.toLowerCase();
      return (row) => contains(row, word);
    }
    ++place;
    const value = tokens[place++];
    if (value === undefined || (value.kind !== "word" && value.kind !== "quoted"))
      throw new Error(`a value is missing behind ${next.text}`);
    const column = named.get(token.text.toLowerCase());
    if (column === undefined)
      throw new Error(`no column ${token.text}${nearest(token.text, named)}`);
    return comparison(column, next.text, value.text);
  };

  const test = either();
  if (place < tokens.length) throw new Error(`${tokens[place]?.text} is not expected here`);
  return test;
}

function comparison(column: FilterColumn, operator: string, value: string): RowTest {
  const { numbers, texts } = column;
  if (operator === "~") {
    const part = value.toLowerCase();
    if (texts) return (row) => (texts[row] ?? "").toLowerCase().includes(part);
    return (row) => String(numbers?.[row] ?? "").includes(part);
  }
  if (numbers) {
    const wanted = Number(value);
    if (value.trim() === "" || Number.isNaN(wanted))
      throw new Error(`${column.name} is a number, ${value} is not`);
    const near = Math.abs(wanted) * 1e-9;
    const holds =
      (test: (number: number) => boolean): RowTest =>
      (row) => {
        const number = numbers[row] ?? null;
        return number !== null && test(number);
      };
    switch (operator) {
      case "<":
        return holds((number) => number < wanted);
      case "<=":
        return holds((number) => number <= wanted + near);
      case ">":
        return holds((number) => number > wanted);
      case ">=":
        return holds((number) => number >= wanted - near);
      case "!=":
        return holds((number) => Math.abs(number - wanted) > near);
      default:
        return holds((number) => Math.abs(number - wanted) <= near);
    }
  }
  const wanted = value.toLowerCase();
  const textOf = (row: number) => (texts?.[row] ?? "").toLowerCase();
  switch (operator) {
    case "=":
    case "==":
      return (row) => textOf(row) === wanted;
    case "!=":
      return (row) => textOf(row) !== wanted;
    default:
      throw new Error(`${column.name} is a text: only =, != and ~ compare it`);
  }
}

function tokenize(text: string): Token[] {
  const tokens: Token[] = [];
  let place = 0;
  while (place < text.length) {
    const letter = text[place] as string;
    if (/\s/.test(letter)) {
      ++place;
      continue;
    }
    if (letter === '"') {
      const end = text.indexOf('"', place + 1);
      if (end < 0) throw new Error('a " is missing');
      tokens.push({ kind: "quoted", text: text.slice(place + 1, end) });
      place = end + 1;
      continue;
    }
    if (letter === "(" || letter === ")") {
      tokens.push({ kind: letter, text: letter });
      ++place;
      continue;
    }
    const operator = operators.find((one) => text.startsWith(one, place));
    if (operator !== undefined) {
      tokens.push({ kind: "operator", text: operator });
      place += operator.length;
      continue;
    }
    const word = /^[^\s()<>=!~"]+/.exec(text.slice(place))?.[0] ?? letter;
    place += word.length;
    const lower = word.toLowerCase();
    const kind =
      lower === "and" || lower === "&&"
        ? "and"
        : lower === "or" || lower === "||"
          ? "or"
          : lower === "not"
            ? "not"
            : "word";
    tokens.push({ kind, text: word });
  }
  return tokens;
}

function nearest(name: string, named: Map<string, FilterColumn>): string {
  const wanted = name.toLowerCase();
  let best: FilterColumn | null = null;
  let least = Math.max(2, Math.floor(name.length / 2));
  for (const [known, column] of named) {
    const steps = known.includes(wanted) ? 1 : distance(known, wanted);
    if (steps < least) {
      least = steps;
      best = column;
    }
  }
  return best === null ? "" : `; do you mean ${best.name}?`;
}

/** Of Levenshtein. */
function distance(a: string, b: string): number {
  let before = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; ++i) {
    const now = [i];
    for (let j = 1; j <= b.length; ++j)
      now.push(
        Math.min(
          (before[j] as number) + 1,
          (now[j - 1] as number) + 1,
          (before[j - 1] as number) + (a[i - 1] === b[j - 1] ? 0 : 1),
        ),
      );
    before = now;
  }
  return before[b.length] as number;
}
