// JSON with places: each value and each key knows its offset.

export class JsonError extends Error {
    constructor(message, offset) {
        super(message);
        this.offset = offset;
    }
}

/**
 * Reads a text. A value is { kind, offset, value } and, for objects, entries: [{ key, offset, value }], for arrays, items.
 * Names that occur twice, and anything behind the value, are errors: most readers take the last, silently.
 */
export function parseJson(text) {
    let at = 0;

    const fail = (message) => {
        throw new JsonError(message, Math.min(at, text.length));
    };
    const blank = () => {
        while (at < text.length && ' \t\r\n'.includes(text[at])) {
            at++;
        }
    };
    const string = () => {
        const start = at;
        for (at++; at < text.length && text[at] !== '"'; at++) {
            if (text[at] === '\\') {
                at++;
            }
        }
        at++;
        try {
            return JSON.parse(text.slice(start, at));
        } catch {
            at = start;
            return fail('this text does not end, or has a character that JSON wants escaped');
        }
    };
    const object = (offset) => {
        const entries = [];
        at++;
        for (blank(); text[at] !== '}'; blank()) {
            if (entries.length > 0) {
                if (text[at] !== ',') {
                    fail("',' or '}' is missing");
                }
                at++;
                blank();
            }
            const key = { offset: at };
            if (text[at] !== '"') {
                fail('a name in double quotes is missing');
            }
            key.key = string();
            if (entries.some((one) => one.key === key.key)) {
                at = key.offset;
                fail(`'${key.key}' stands here twice; leave one out`);
            }
            blank();
            if (text[at] !== ':') {
                fail("':' is missing");
            }
            at++;
            key.value = value();
            entries.push(key);
        }
        at++;
        return {
            kind: 'object',
            offset,
            entries,
            value: Object.fromEntries(entries.map((one) => [one.key, one.value.value])),
        };
    };
    const array = (offset) => {
        const items = [];
        at++;
        for (blank(); text[at] !== ']'; blank()) {
            if (items.length > 0) {
                if (text[at] !== ',') {
                    fail("',' or ']' is missing");
                }
                at++;
            }
            items.push(value());
        }
        at++;
        return { kind: 'array', offset, items, value: items.map((one) => one.value) };
    };
    const value = () => {
        blank();
        const offset = at;
        if (text[at] === '{') {
            return object(offset);
        }
        if (text[at] === '[') {
            return array(offset);
        }
        if (text[at] === '"') {
            return { kind: 'string', offset, value: string() };
        }
        const word = /^(?:true|false|null|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)/.exec(text.slice(at));
        if (word === null) {
            return fail('a value is missing');
        }
        at += word[0].length;
        const parsed = JSON.parse(word[0]);
        return { kind: parsed === null ? 'null' : typeof parsed, offset, value: parsed };
    };

    const root = value();
    blank();
    if (at < text.length) {
        fail('nothing may stand behind the value');
    }
    return root;
}

/** The value at a path of keys, or undefined. */
export function jsonAt(node, ...path) {
    return path.reduce((one, key) => one?.entries?.find((entry) => entry.key === key)?.value, node);
}
