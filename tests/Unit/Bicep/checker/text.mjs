// Findings and their places.

/** So many letters have to be the same for a name to be taken for a part of another. */
const leastBeginning = 4;

/** A finding: what is wrong at a place of a file, and what to do. Lines and columns count from 1. */
export class Findings {
    #all = [];

    /** Adds one at a node of a Bicep file. */
    at(file, node, message) {
        this.add(file.path, node.startPosition.row + 1, node.startPosition.column + 1, message);
    }

    /** Adds one at an offset of a text. */
    atOffset(path, text, offset, message) {
        const before = text.slice(0, offset);
        this.add(path, before.split('\n').length, offset - before.lastIndexOf('\n'), message);
    }

    add(path, line, column, message) {
        this.#all.push({ path, line, column, message });
    }

    /** Each once, by place. */
    sorted() {
        const lines = this.#all
            .sort(
                (a, b) =>
                    compare(a.path, b.path) || a.line - b.line || a.column - b.column || compare(a.message, b.message),
            )
            .map((one) => `${one.path}:${one.line}:${one.column}: ${one.message}`);
        return [...new Set(lines)];
    }
}

/** "; did you mean X?" for a name that is nearly one of others, or "; there are A, B, C". */
export function suggestion(name, names) {
    const known = [...names];
    const near = nearest(name, known);
    if (near !== undefined) {
        return `; did you mean '${near}'?`;
    }
    known.sort(compare);
    return known.length === 0 || known.length > 20 ? '' : `; there are ${known.join(', ')}`;
}

/** The nearest of the names, if it is a misspelling away. */
export function nearest(name, names) {
    const known = [...names];
    const most = Math.max(1, Math.min(3, Math.floor(name.length / 3)));
    let best;
    let bestDistance = most + 1;
    for (const other of known) {
        const distance = editDistance(name.toLowerCase(), other.toLowerCase());
        if (distance < bestDistance) {
            best = other;
            bestDistance = distance;
        }
    }
    return best ?? known.find((other) => isBeginning(name, other) || isBeginning(other, name));
}

function isBeginning(short, long) {
    return short.length >= leastBeginning && long.toLowerCase().startsWith(short.toLowerCase());
}

/** How many letters have to be changed, added or left out. */
function editDistance(a, b) {
    let row = Array.from({ length: b.length + 1 }, (_, index) => index);
    for (let i = 1; i <= a.length; i++) {
        const next = [i];
        for (let j = 1; j <= b.length; j++) {
            next[j] = Math.min(row[j] + 1, next[j - 1] + 1, row[j - 1] + (a[i - 1] === b[j - 1] ? 0 : 1));
        }
        row = next;
    }
    return row[b.length];
}

function compare(a, b) {
    return a < b ? -1 : a > b ? 1 : 0;
}
