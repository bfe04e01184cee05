// The workspace that the tests open.

export const total = `def total(items):
    """Sum the prices."""
    result = 0
    for item in items:
        result += item.price * item.count
    return result


def mean(items):
    return total(items) / len(items)
`;

/** A misspelt name, for which TypeScript has a quick fix of its own. */
export const misspelt = `export function area(width: number, height: number): number {
  const product = width * height;
  return prodct;
}
`;

export const long = `${Array.from({ length: 120 }, (_, i) => `line ${i + 1}`).join('\n')}\n`;
